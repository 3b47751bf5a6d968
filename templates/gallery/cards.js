/* Cards: the page's one blank card, filled with the same words as the template engine fills it. */

const blankCard = $("#card").content.firstElementChild;
const BETWEEN = "\x7f"; // stands on both sides of every token of a text
const STRONGEST = ".s31, .p16, .m16"; // the darkest shades: of attention, and of both signs of attributions

/** The level of a digit: 0 to 31 as parseInt reads them, -1 and below from "A" on; 0 where nothing was read. */
const levelOf = (digit) => (/[A-Z]/.test(digit) ? 64 - digit.charCodeAt(0) : parseInt(digit, 32) || 0);

/** The style of a level; "" for white. */
function shadeOf(level) {
  if (!level) return "";
  if (!index.signed) return `s${level}`;
  return level > 0 ? `p${level}` : `m${-level}`;
}

const VERDICTS = { right: ["✓", "Right"], wrong: ["✕", "Wrong"], unlabelled: ["?", "Unlabelled"] };

function strong(text, language) {
  const bold = element("b");
  bold.append(inLanguage(element("bdi", text), language));
  return bold;
}

/** Say which language and direction a text has, where these are known. */
function inLanguage(text, language) {
  if (language) [text.lang, text.dir] = language;
  return text;
}

/** Make the card of an example from the index alone, so that it stands before its text is loaded. */
function cardWithoutText(i) {
  const card = blankCard.cloneNode(true);
  const name = index.name[i];
  const outcome = index.outcomes[index.outcome[i]];
  const [certainty, verdict] = outcome.split("-");
  const label = index.classes[index.label[i]]; // undefined where there is none
  const predicted = index.classes[index.predicted[i]];
  const confidence = index.confidence[i] / 1e6;
  const tokens = index.tokens[i];
  const isLong = tokens > index.long;
  card.className = `card ${outcome}${isLong ? " long" : ""}`;
  card.id = `ex-${name}`;
  const [mark, word] = VERDICTS[verdict];
  $(".mark", card).textContent = mark;
  $(".verdict", card).textContent = word + (certainty === "unsure" ? ", unsure" : "");
  $(".predicted bdi", card).textContent = predicted;
  $(".sure rect + rect", card).setAttribute("width", (100 * confidence).toFixed(1));
  $(".sure span", card).textContent = decimal(confidence);
  if (label === undefined) $(".label", card).remove();
  else $(".label bdi", card).textContent = label;
  $(".id", card).href = `#${card.id}`;
  $(".id bdi", card).textContent = index.id[i];
  const heatmap = $(".heatmap", card); // none where the table has no weights
  heatmap?.setAttribute("src", heatmapOf(name));
  heatmap?.setAttribute("height", Math.max(Math.ceil(tokens / index.columns), 1) * index.cell + index.base);
  const end = label === undefined ? "no label" : `label ${label}`;
  if (heatmap) heatmap.alt = `${index.picture}: predicted ${predicted} with confidence ${decimal(confidence)}, ${end}`;
  if (isLong) $(".more", card).textContent = `Show all ${count(tokens)} ${index.unit}s`;
  else $(".more", card).remove();
  return card;
}

/** The address of a heatmap; in a single file the picture stands in the card of the gallery. */
function heatmapOf(name) {
  if (index.single) return $(`#ex-${name} .heatmap`, gallery).getAttribute("src");
  return `heatmaps/${name}.png`;
}

/** Add what stands in the data of the example's page: the text and all below it. */
function addText(card, example) {
  const unknown = new Set(example.unknown);
  const parts = example.text.split(BETWEEN);
  const classesOf = (token) => {
    const shade = example.shades[token];
    const classes = [shadeOf(levelOf(shade))];
    if (unknown.has(token)) classes.push("u");
    if (shade === "-") classes.push("n");
    return classes.filter(Boolean).join(" ");
  };
  $(".map", card).replaceChildren(example.text ? tokenMap(parts, classesOf) : element("em", "The text is empty."));
  inLanguage($(".map", card), example.language);
  addAttended(card, example.attended, example.language);
  const gradients = $(".gradients", card);
  if (example.gradients) {
    const raised = (token) => levelOf(example.gradients[token]);
    const shades = tokenMap(parts, (token) => (raised(token) ? `s${raised(token)}` : ""));
    inLanguage($(".ig", gradients), example.language).replaceChildren(shades);
  } else {
    gradients.remove();
  }
  $(".counts", card).textContent = example.counts;
  $(".flag", card).replaceWith(fragmentOf(example.flags.map(flagOf)));
  $(".extra", card).replaceWith(fragmentOf(example.extra.map(extraColumn)));
}

/** A text with one element per token; of its parts every second one is a token. */
function tokenMap(parts, classesOf) {
  const map = document.createDocumentFragment();
  parts.forEach((text, k) => {
    if (k % 2) map.append(marked(element("i", text, classesOf((k - 1) / 2))));
    else if (text) map.append(text);
  });
  return map;
}

const INKLESS = /^[\s\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]+$/; // as in characters.py
const SPACE_MARKS = { "\n": "↵", "\r": "↵", "\t": "⇥" };

/** Give a token of white space a visible mark, which is not part of the text. */
function marked(token) {
  const text = token.textContent;
  if (INKLESS.test(text)) {
    token.dataset.mark = [...text].map((c) => SPACE_MARKS[c] ?? (/[^\S\ufeff]/.test(c) ? "␣" : "◌")).join("");
  }
  return token;
}

/** Name the most attended words, or those that raised and those that lowered the answer. */
function addAttended(card, attended, language) {
  const lines = attended.map(([title, words]) => {
    $(".heatmap", card).alt += `; ${title}: ${words.map(([word]) => word).join(", ")}`;
    const line = element("span", `${title} `, "attended");
    words.forEach(([word, weight], k) => {
      line.append(strong(word, language), ` ${weight}${k < words.length - 1 ? " · " : ""}`);
    });
    return line;
  });
  $(".attended", card).replaceWith(fragmentOf(lines));
}

function flagOf(flag) {
  return element("span", flag, index.warnings.includes(flag) ? "flag warning" : "flag");
}

function extraColumn([name, value]) {
  const column = element("span", undefined, "extra");
  column.append(element("bdi", name), " ", strong(value));
  return column;
}

// For the tests, which hold this card against the one of the template.
self.reportgen.build = async (i) => {
  await loadIndex();
  const card = cardWithoutText(i);
  addText(card, await loadExample(i));
  return card;
};
