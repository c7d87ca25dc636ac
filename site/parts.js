// What more than one part of the page is made of.

export const find = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// A list in a card: `load` gets what is in it, `row` makes an element of one thing.
export function startList(section, load, row) {
  const card = find(section);
  const list = card.querySelector('.list');
  const problem = card.querySelector('.problem');
  let isMissing = true; // until what is in it has been told, and again when that fails

  async function attempt(change) {
    try {
      await change();
      problem.hidden = true;
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  async function refresh() {
    isMissing = false;
    await attempt(async () => {
      const { things, store } = await load().catch((error) => {
        isMissing = true;
        throw error;
      });
      keepFocus(() => list.replaceChildren(...things.map(row)));
      card.querySelector('.note').textContent = about(store, things.length);
    });
  }

  // Where the focus was goes to what took its place: a keyboard would have to start over otherwise.
  function keepFocus(replace) {
    const held = document.activeElement;
    const index = [...list.children].findIndex((each) => each.contains(held));
    const before = list.children[index];
    replace();
    if (!before) return;
    const after = list.children[Math.min(index, list.children.length - 1)];
    const isSame = after?.textContent === before.textContent;
    (controls(after)[isSame ? controls(before).indexOf(held) : 0] ?? card.querySelector('input')).focus();
  }

  async function change(what) {
    await attempt(what);
    if (problem.hidden) await refresh();
  }

  document.addEventListener('switched', refresh); // who answers now may know of other things
  document.addEventListener('answered', () => isMissing && refresh());

  return { change, refresh };
}

const controls = (row) => [...(row?.querySelectorAll('input, button, a') ?? [])];

function about(store, count) {
  const kept = store.outlives_instance
    ? `Kept in ${store.kind}.`
    : `Kept in ${store.kind} inside the instance that answers: gone with it, and unknown to others.`;
  return count ? kept : `Nothing here yet. ${kept}`;
}
