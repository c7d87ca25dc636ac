// Every piece of text that is seen, against what is behind it: fewer than 4.5 to 1, or 3 to 1 where it is large, is weak.
// Source: https://www.w3.org/TR/WCAG22/#contrast-minimum

const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
const numbers = (color) => color.match(/[\d.]+/g).map(Number);

function ratio(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function ground(element) {
  for (let at = element; at; at = at.parentElement) {
    const color = numbers(getComputedStyle(at).backgroundColor);
    if (color.length < 4 || color[3] === 1) return color;
    if (color[3] > 0) throw new Error(`half transparent: ${at.className}`);
  }
  return [255, 255, 255];
}

// In a drawing a text lies on the last rectangle drawn before it that covers its middle.
function groundInDrawing(text) {
  const svg = text.ownerSVGElement.closest(".drawing, .plot, .axis");
  const box = text.getBoundingClientRect();
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const under = [...svg.querySelectorAll("rect, path, text")].filter((each) => !each.closest("mask, clipPath, defs, pattern"));
  let color = ground(svg);
  for (const each of under.slice(0, under.indexOf(text))) {
    const area = each.getBoundingClientRect();
    const fill = getComputedStyle(each).fill;
    const isSolid = each.tagName !== "text" && fill.startsWith("rgb") && (numbers(fill)[3] ?? 1) === 1;
    if (isSolid && area.left <= x && x <= area.right && area.top <= y && y <= area.bottom) color = numbers(fill);
  }
  return color;
}

const weak = new Set();
let checked = 0;
for (const element of document.body.querySelectorAll("*")) {
  const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!own || !element.checkVisibility() || element.closest("script, style, .hidden")) continue;
  const style = getComputedStyle(element);
  const inDrawing = element instanceof SVGElement;
  const color = numbers(inDrawing ? style.fill : style.color);
  const behind = inDrawing ? groundInDrawing(element.closest("text")) : ground(element);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  checked += 1;
  const found = ratio(color, behind);
  if (found < (isLarge ? 3 : 4.5)) {
    weak.add(`${element.tagName}.${element.getAttribute("class")}: ${found.toFixed(2)} of ${color} on ${behind}`);
  }
}
return { checked, weak: [...weak] };
