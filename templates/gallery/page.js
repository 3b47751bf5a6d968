/* The page's elements, and small helpers for all other files.

   The files of this folder are joined into one classic script, since a page opened from a disk (file://) cannot load
   modules; reportgen/publish/script.py gives their order. The whole stands in one strict function, so that a top-level
   name of any file is visible in every file and none becomes global. While the script loads, a file may use only the
   constants above it, in its own text or in an earlier file; what runs later, in functions, may use every name.
   Data only ever become text nodes and attributes, never markup. */

const $ = (selector, parent = document) => parent.querySelector(selector);
const $$ = (selector, parent = document) => [...parent.querySelectorAll(selector)];

const root = document.documentElement;
const isWeighted = !("unweighted" in root.dataset); // else no text is shaded and none has a heatmap
const form = $("#find");
const gallery = $("#gallery"); // the cards of this page; they leave it while results are shown
const results = $("#results");
const resultCards = $("#cards");
const examples = $("#examples"); // what is shown of them, below the bar

/** Say how many examples are shown, or what went wrong. */
function announce(text) {
  $("#count").textContent = text;
}

function element(tag, text, className) {
  const created = document.createElement(tag);
  if (text !== undefined) created.textContent = text;
  if (className) created.className = className;
  return created;
}

// Never spread an array that grows with the data into a call: beyond about 100,000 arguments it throws.
function fragmentOf(nodes) {
  const fragment = document.createDocumentFragment();
  for (const node of nodes) fragment.append(node);
  return fragment;
}

/** The parts of a card that show a prediction each: of a report the card itself, of a comparison one a run. */
function readingsOf(card) {
  const parts = $$(".reading", card);
  return parts.length ? parts : [card];
}
const readingOf = (node) => node.closest(".reading, .card");

/** Hand a file to the reader, from the page itself. */
function saveFile(name, parts, type) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The cards that are shown now. */
const shownCards = () => $$(".card", results.hidden ? gallery : resultCards);
