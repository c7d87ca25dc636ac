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
    await attempt(async () => {
      const { things, store } = await load();
      list.replaceChildren(...things.map(row));
      card.querySelector('.note').textContent = about(store, things.length);
    });
  }

  // Where the focus was goes to what took its place: a keyboard would have to start over otherwise.
  async function change(what) {
    const index = [...list.children].findIndex((each) => each.contains(document.activeElement));
    await attempt(what);
    if (!problem.hidden) return;
    await refresh();
    if (index < 0) return;
    const row = list.children[Math.min(index, list.children.length - 1)];
    (row?.querySelector('input, button') ?? card.querySelector('input')).focus();
  }

  document.addEventListener('switched', refresh); // who answers now may know of other things

  return { change, refresh };
}

function about(store, count) {
  const kept = store.outlives_instance
    ? `Kept in ${store.kind}.`
    : `Kept in ${store.kind} inside the instance that answers: gone with it, and unknown to others.`;
  return count ? kept : `Nothing here yet. ${kept}`;
}
