// Asks the service who answers, every few seconds, and shows it.

const EVERY_MS = 3000;
const KEPT = 40;
const TITLES = {
  serverless: 'Served by Lambda',
  container: 'Served by Fargate',
  local: 'Served by this machine',
  failed: 'No answer',
};

const find = (id) => document.getElementById(id);
const answers = [];
let asking = false;
let paused = false;

async function ask() {
  const start = performance.now();
  try {
    const response = await fetch('/api/', { cache: 'no-store', signal: AbortSignal.timeout(10000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { served_by: servedBy } = await response.json();
    if (!Object.hasOwn(TITLES, servedBy)) throw new Error('an answer that is not the service\'s');
    return { servedBy, ms: performance.now() - start };
  } catch (error) {
    return { servedBy: 'failed', why: error.message, ms: performance.now() - start };
  }
}

function show(latest) {
  answers.push(latest);
  if (answers.length > KEPT) answers.shift();
  const served = answers.filter((each) => each.servedBy !== 'failed').map((each) => each.ms);
  const title = latest.why ? `${TITLES.failed}: ${latest.why}` : TITLES[latest.servedBy];
  if (find('where').textContent !== title) find('where').textContent = title; // a reader says changes, not repeats
  find('board').dataset.servedBy = latest.servedBy;
  find('last').textContent = latest.why ? '–' : milliseconds(latest.ms);
  find('median').textContent = served.length ? milliseconds(median(served)) : '–';
  find('failed').textContent = String(answers.length - served.length);
  const tallest = Math.max(...answers.map((each) => each.ms));
  find('history').replaceChildren(...answers.map((each) => {
    const bar = document.createElement('li');
    bar.className = each.servedBy;
    bar.style.height = `${(100 * each.ms) / tallest}%`;
    return bar;
  }));
}

const milliseconds = (value) => `${Math.round(value)} ms`;

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function tick() {
  if (paused || asking || document.hidden) return; // nobody pays for a page that nobody sees
  asking = true;
  show(await ask());
  asking = false;
}

find('pause').addEventListener('click', (event) => {
  paused = !paused;
  event.target.textContent = paused ? 'Go on' : 'Pause';
  tick();
});

document.addEventListener('visibilitychange', tick);
setInterval(tick, EVERY_MS);
tick();
