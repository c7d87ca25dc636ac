"use strict";
// Without this script everything is there, one stack below the other. With it: tabs, a search, and all open in print.

const articles = [...document.querySelectorAll("article.stack")];
const tabs = [...document.querySelectorAll(".stacks a")];

function show(index, focus) {
  articles.forEach((article, number) => { article.hidden = number !== index; });
  tabs.forEach((tab, number) => {
    tab.setAttribute("aria-selected", String(number === index));
    tab.tabIndex = number === index ? 0 : -1;
  });
  if (focus) tabs[index].focus();
}

function fromAddress() {
  const index = articles.findIndex((article) => location.hash.split("-")[0] === `#${article.id}`);
  if (index >= 0) show(index, false);
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

if (tabs.length) {
  document.querySelector(".stacks").setAttribute("role", "tablist");
  tabs.forEach((tab, index) => {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", articles[index].id);
    articles[index].setAttribute("role", "tabpanel");
    tab.addEventListener("click", (event) => { event.preventDefault(); history.replaceState(null, "", tab.hash); show(index, false); });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) { event.preventDefault(); show((index + step + tabs.length) % tabs.length, true); }
      if (event.key === " ") { event.preventDefault(); show(index, false); }
    });
  });
  show(0, false);
  addEventListener("hashchange", fromAddress);
  if (location.hash) fromAddress();
}

for (const search of document.querySelectorAll(".search")) {
  search.hidden = false;
  const [input, output] = [search.querySelector("input"), search.querySelector("output")];
  const groups = [...search.parentElement.querySelectorAll("details.group")].map((group) => ({
    group,
    heading: group.querySelector("summary").textContent.toLowerCase(),
    items: [...group.querySelectorAll("li")].map((item) => ({ item, text: item.textContent.toLowerCase() })),
  }));
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0, all = 0;
    for (const { group, heading, items } of groups) {
      let here = 0;
      for (const { item, text } of items) {
        item.hidden = !words.every((word) => text.includes(word) || heading.includes(word));
        here += item.hidden ? 0 : 1;
      }
      group.hidden = here === 0;
      group.open = words.length > 0 && here > 0;
      found += here;
      all += items.length;
    }
    output.textContent = words.length ? `${found} of ${all}` : "";
  });
}

// A drawing that is wider than its window begins where its traffic does.
function toTheViewers(drawing) {
  const [window_, first] = [drawing.parentElement, drawing.querySelector(".outside")];
  if (!first) return;
  const [frame, box] = [window_.getBoundingClientRect(), first.getBoundingClientRect()];
  if (box.left >= frame.left && box.right <= frame.right) return;
  window_.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
}
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) { toTheViewers(target); seen.unobserve(target); }
  }
});
document.querySelectorAll(".drawing").forEach((each) => seen.observe(each));

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")].filter((each) => !each.closest(".resources, .sources"));
  opened.forEach((each) => { each.open = true; });
  articles.forEach((article) => { article.hidden = false; });
});
addEventListener("afterprint", () => {
  opened.forEach((each) => { each.open = false; });
  const index = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
  if (index >= 0) show(index, false);
});
