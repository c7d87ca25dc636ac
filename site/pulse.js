// Asks the service who answers, again and again, and shows it: who, how fast, and every switch.

import { ask } from './api.js';
import { find, make } from './parts.js';

const KEPT = 60;
const SLOW_SHARE = 0.95;
const TITLES = {
  serverless: 'Served by Lambda',
  container: 'Served by Fargate',
  local: 'Served by this machine',
  failed: 'No answer',
};
const NAMES = { serverless: 'Lambda', container: 'Fargate', local: 'this machine' };

const answers = [];
const instances = new Set();
let serving = null; // the last that answered, whatever failed since
let failedSince = 0;
let paused = false;
let asking = false;
let timer;

export function startPulse() {
  find('pause').addEventListener('click', (event) => {
    paused = !paused;
    event.target.textContent = paused ? 'Go on' : 'Pause';
    event.target.setAttribute('aria-pressed', String(paused));
    tick();
  });
  find('pace').addEventListener('change', tick);
  document.addEventListener('visibilitychange', tick);
  tick();
}

async function tick() {
  clearTimeout(timer);
  if (paused || document.hidden) return; // nobody pays for a page that nobody sees
  if (!asking) {
    asking = true;
    show(await answer());
    asking = false;
  }
  timer = setTimeout(tick, Number(find('pace').value));
}

async function answer() {
  const start = performance.now();
  try {
    const told = await ask('GET', '/api/');
    if (!Object.hasOwn(NAMES, told.served_by)) throw new Error('an answer that is not the service\'s');
    return { servedBy: told.served_by, instance: told.instance, ms: performance.now() - start };
  } catch (error) {
    return { servedBy: 'failed', why: error.message, ms: performance.now() - start };
  }
}

function show(latest) {
  answers.push(latest);
  if (answers.length > KEPT) answers.shift();
  noteSwitch(latest);
  if (latest.instance) instances.add(latest.instance);

  say('where', latest.why ? `${TITLES.failed}: ${latest.why}` : TITLES[latest.servedBy]);
  say('who', latest.instance ? `instance ${latest.instance}, ${instances.size} seen` : ' ');
  document.body.dataset.servedBy = latest.servedBy;
  showFigures(latest);
  showBars();
  sendCar(latest);
}

// A cold start takes a hundred times as long, and would leave nothing to be seen of the others.
const scaled = (ms) => Math.log10(1 + ms);

function noteSwitch({ servedBy }) {
  if (servedBy === 'failed') {
    failedSince += 1;
    return;
  }
  if (serving !== null && serving !== servedBy) {
    const lost = failedSince ? `${failedSince} ${failedSince === 1 ? 'answer' : 'answers'} failed` : 'no answer lost';
    const when = new Date().toLocaleTimeString();
    const line = make('li', { className: servedBy },
      make('time', { textContent: when }), ` ${NAMES[serving]} → ${NAMES[servedBy]}, ${lost}`);
    const list = find('switches');
    if (list.querySelector('.quiet')) list.replaceChildren();
    list.prepend(line);
    list.children[5]?.remove();
    document.dispatchEvent(new Event('switched'));
  }
  serving = servedBy;
  failedSince = 0;
  document.dispatchEvent(new Event('answered'));
}

function showFigures(latest) {
  const times = answers.filter((each) => !each.why).map((each) => each.ms).sort((a, b) => a - b);
  say('last', latest.why ? '–' : milliseconds(latest.ms));
  say('median', times.length ? milliseconds(times[Math.floor(times.length / 2)]) : '–');
  say('slow', times.length ? milliseconds(times[Math.ceil(times.length * SLOW_SHARE) - 1]) : '–');
  say('failed', `${answers.length - times.length} of ${answers.length}`);
}

function showBars() {
  const tallest = Math.max(...answers.map((each) => each.ms));
  find('bars').replaceChildren(...answers.map((each) => {
    const bar = make('li', { className: each.servedBy });
    bar.style.height = `${(100 * scaled(each.ms)) / scaled(tallest)}%`;
    return bar;
  }));
  const by = Object.keys(NAMES).map((name) => [NAMES[name], answers.filter((each) => each.servedBy === name).length]);
  const told = by.filter(([, count]) => count).map(([name, count]) => `${count} from ${name}`).join(', ');
  find('summary').textContent = `The last ${answers.length}${told ? `: ${told}` : ''}. Bars grow with the logarithm, up to ${milliseconds(tallest)}.`;
}

// One car for each answer, on the track of who gave it.
function sendCar({ servedBy }) {
  const track = document.querySelector(`.rail.${servedBy}`);
  if (!track || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const car = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  car.setAttribute('class', `car ${servedBy}`);
  car.setAttribute('r', '7');
  find('cars').append(car);
  car.addEventListener('animationend', () => car.remove());
}

function say(id, text) {
  const element = find(id);
  if (element.textContent !== text) element.textContent = text; // a screen reader says changes, not repeats
}

const milliseconds = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);
