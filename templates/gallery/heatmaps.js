/* Heatmaps: a grid of a text's words in their shades, drawn by the page when a card comes near.

   The pictures in heatmaps/ are the record of them. They are what a page without its script shows, and cards link to
   them; a run that was packed without them lacks nothing but these links. */

const WIDTH = 668; // CSS pixels of a heatmap at most
const EACH = 6.3; // of them, the width of most letters
const NEAR = "100% 0px"; // drawn one window's height before it comes into view

const known = new WeakMap(); // examples by their frame, of texts whose tokens are not the cells of their heatmap

/** Draw the heatmaps of a card that has come near. */
async function drawHeatmaps(card, isInView) {
  for (const reading of readingsOf(card)) {
    await learnCells(reading);
    drawHeatmap(reading);
    if (isInView) centerHeatmap(reading); // else when it comes into view: to measure it now would lay it out early
  }
}

async function learnCells(reading) {
  const frame = $(".frame", reading);
  if (!frame || !("cells" in frame.dataset) || known.has(frame)) return;
  const example = await exampleOf(reading);
  if (example) known.set(frame, example);
}

function drawHeatmap(reading) {
  const frame = $(".frame", reading);
  if (!frame || $(".cells", frame)) return;
  const cells = element("div", undefined, "cells");
  const words = known.has(frame) ? cellsOf(known.get(frame)) : $$(".map i", reading).map(cellFor);
  const most = (WIDTH / frame.dataset.columns - 8) / EACH;
  words.forEach((cell) => cell.toggleAttribute("data-long", cell.textContent.length > most)); // written smaller
  cells.append(fragmentOf(words));
  if (!cells.firstChild) cells.append(element("em", "no words"));
  cells.style.setProperty("--columns", frame.dataset.columns);
  cells.setAttribute("role", "img");
  cells.setAttribute("aria-label", root.dataset.picture);
  if ("leftward" in frame.dataset) cells.dir = "rtl";
  frame.append(cells, element("p", undefined, "key"));
  writeKey(reading);
}

/** The cell of a token of the text: its word, its shade and its marks. */
function cellFor(token) {
  return element("i", token.dataset.mark ?? token.textContent, withoutPassing(token.className));
}

/** The cells of an example that are not the tokens of its text. */
function cellsOf(example) {
  const { cells } = example;
  const levels = levelsOf(cells, example, endsOf(example));
  const unknown = new Set(cells.unknown);
  return cells.words.map((word, at) => {
    const names = [shadeOf(levels[at], isSigned(example)), unknown.has(at) && "u", cells.shades[at] === "-" && "n"];
    return element("i", word, names.filter(Boolean).join(" "));
  });
}

/** The styles of a token but for those that come and go. */
const withoutPassing = (names) => names.split(" ").filter((name) => !["here", "hit"].includes(name)).join(" ");

const SCALE = [0, 4, 8, 12, 16, 20, 24, 28, 31]; // levels that a key shows of attention
const BOTH = [-16, -12, -8, -4, 0, 4, 8, 12, 16];

/** Write what the shades stand for, and the marks that occur, below a heatmap. */
function writeKey(reading) {
  const key = $(".key", reading);
  if (!key) return;
  const [low, top] = $(".frame", reading).dataset.ends.split("|");
  const signed = low.startsWith("lowered");
  const parts = [];
  if (top) {
    const scale = element("span", undefined, "scale");
    scale.append(...(signed ? BOTH : SCALE).map((level) => element("i", undefined, shadeOf(level, signed))));
    parts.push(element("span", low), scale, element("span", top));
  }
  if ($(".cells .u", reading)) parts.push(element("i", "word", "u"), element("span", "not in the vocabulary"));
  if ($(".cells .n", reading)) parts.push(element("i", "\u2003", "n"), element("span", "not read by the model"));
  key.replaceChildren(...parts);
}

/** Scroll a folded heatmap to the strongest word. */
function centerHeatmap(reading) {
  const frame = $(".frame", reading);
  const strongest = frame && strongestIn(frame);
  if (!strongest || reading.closest(".card").matches(":not(.long), .open")) return;
  frame.scrollTop += strongest.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 2;
}

const comingNear = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting, boundingClientRect } of entries) {
    if (!isIntersecting) continue;
    comingNear.unobserve(target);
    const isInView = boundingClientRect.top < innerHeight && boundingClientRect.bottom > 0;
    drawHeatmaps(target, isInView).catch((problem) => announce(`this cannot be shown: ${problem.message}`));
  }
}, { rootMargin: NEAR });

// On paper stand all.
addEventListener("beforeprint", () => shownCards().flatMap(readingsOf).forEach(drawHeatmap));

/** Hide the links to pictures where they were left out; the first tells of all. */
function findPictures() {
  const first = $("a.picture", gallery);
  if (!first) return;
  const picture = new Image();
  picture.onerror = () => root.classList.add("unpictured");
  picture.src = first.href;
}
self.requestIdleCallback?.(() => {
  findPictures();
  $$(".frame[data-cells]", gallery).forEach((frame) => learnCells(readingOf(frame)).catch(() => {})); // for paper
});
