/* Cards: the page's one blank card, filled with the same words as the template engine fills it. */

const blankCard = $("#card").content.firstElementChild;
const BETWEEN = "\x7f"; // stands on both sides of every token of a text

/** The level of a digit: 0 to 31 as parseInt reads them, -1 and below from "A" on; 0 where nothing was read. */
const levelOf = (digit) => (/[A-Z]/.test(digit) ? 64 - digit.charCodeAt(0) : parseInt(digit, 32) || 0);

/** The style of a level; "" for white. */
function shadeOf(level, signed) {
  if (!level) return "";
  if (!signed) return `s${level}`;
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
  const label = index.classes[index.label[i]]; // undefined where there is none
  const tokens = index.tokens[i];
  const isLong = tokens > index.long;
  card.className = `card ${outcome}${isLong ? " long" : ""}`;
  card.id = `ex-${name}`;
  const [mark, word] = index.verdicts?.[outcome] ?? verdictOf(outcome);
  $(".mark", card).textContent = mark;
  $(".verdict", card).textContent = word;
  if (label === undefined) $(".label", card).remove();
  else $(".label bdi", card).textContent = label;
  $(".id", card).href = `#${card.id}`;
  $(".id bdi", card).textContent = index.id[i];
  readingsOf(card).forEach((reading, k) => addPrediction(reading, tablesOf()[k], i));
  if (isLong) $(".more", card).textContent = `Show all ${count(tokens)} ${index.unit}s`;
  else $(".more", card).remove();
  return card;
}

function verdictOf(outcome) {
  const [certainty, verdict] = outcome.split("-");
  const [mark, word] = VERDICTS[verdict];
  return [mark, word + (certainty === "unsure" ? ", unsure" : "")];
}

/** Say in a reading what was predicted, and how confidently. */
function addPrediction(reading, run, i) {
  const predicted = index.classes[run.predicted[i]];
  const confidence = run.confidence[i] / 1e6;
  $(".predicted bdi", reading).textContent = predicted;
  $(".sure rect + rect", reading).setAttribute("width", (100 * confidence).toFixed(1));
  $(".sure span", reading).textContent = decimal(confidence);
  addOthers(reading, run, i);
  if (index.runs) addVerdict(reading, run, i);
  const frame = $(".frame", reading); // none where the table has no weights
  if (frame) frame.dataset.columns = run.columns;
  $(".picture", reading)?.setAttribute("href", `${run.heatmaps ?? "heatmaps"}/${index.name[i]}.png`);
}

/** Say how probable the label and the runner-up are where they were not predicted. */
function addOthers(reading, run, i) {
  const label = index.label[i];
  const second = run.second?.[i] ?? null; // of two classes the other one is no news
  const isNews = label !== null && label !== run.predicted[i];
  const share = isNews ? decimal(run.labelProbability[i] / 1e6) + (label === second ? ", runner-up" : "") : "";
  if (label !== null) $(".share", reading).textContent = share;
  if (second === null || label === second) {
    $(".second", reading).remove();
  } else {
    $(".second bdi", reading).textContent = index.classes[second];
    $(".second span", reading).textContent = decimal(run.secondProbability[i] / 1e6);
  }
}

/** Add what stands in the data of the example's page: the text and all below it. */
function addText(card, example) {
  const parts = partsOf(example);
  readingsOf(card).forEach((reading, k) => addReading(reading, parts[k]));
  $(".extra", card).replaceWith(fragmentOf(example.extra.map(extraColumn)));
}

/** Add the shaded text of a reading and what is said of it. */
function addReading(reading, example) {
  const signed = isSigned(example);
  const unknown = new Set(example.unknown);
  const parts = example.text.split(BETWEEN);
  const classesOf = (token) => {
    const shade = example.shades[token];
    const classes = [shadeOf(levelOf(shade), signed)];
    if (unknown.has(token)) classes.push("u");
    if (shade === "-") classes.push("n");
    return classes.filter(Boolean).join(" ");
  };
  const map = $(".map", reading);
  inLanguage(map, example.language);
  map.replaceChildren(example.text ? tokenMap(parts, classesOf) : element("em", "The text is empty."));
  addAttended(reading, example.attended, example.language);
  const frame = $(".frame", reading);
  if (frame) describeCells(frame, example);
  const gradients = $(".gradients", reading);
  if (example.gradients) {
    const raised = (token) => levelOf(example.gradients[token]);
    const shades = tokenMap(parts, (token) => (raised(token) ? `s${raised(token)}` : ""));
    inLanguage($(".ig", gradients), example.language).replaceChildren(shades);
    $(".of-gradients", gradients).textContent = example.gradientsKey;
  } else {
    gradients.remove();
  }
  $(".counts", reading).textContent = example.counts;
  $(".flag", reading).replaceWith(fragmentOf(example.flags.map(flagOf)));
}

/** Say in the frame of a heatmap what it is drawn from, as the template engine does. */
function describeCells(frame, example) {
  const ends = endsOf(example);
  frame.toggleAttribute("data-leftward", example.leftward);
  frame.toggleAttribute("data-cells", Boolean(example.cells));
  if (example.cells) known.set(frame, example);
  frame.dataset.ends = ends ? endLabels(ends, example).join("|") : "";
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
function addAttended(reading, attended, language) {
  const lines = attended.map(([title, words]) => {
    const line = element("span", `${title} `, "attended");
    words.forEach(([word, weight], k) => {
      line.append(strong(word, language), ` ${weight}${k < words.length - 1 ? " · " : ""}`);
    });
    return line;
  });
  $(".attended", reading).replaceWith(fragmentOf(lines));
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
