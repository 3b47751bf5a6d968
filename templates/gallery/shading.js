/* Shading: by the one scale of the run, by one for each example, or by one attention head.

   A scale has two ends: white is an even share of the attention, or 0; levels between them are in proportion. */

const EVEN = 1.001; // attention is even where no weight is larger than this many even shares
let shadings = 0; // counts the calls: of overlapping ones only the last is carried out

/** The attention head that is chosen, from 1 on; "" is the mean of all. */
const chosenHead = () => form.elements.head?.value ?? "";

/** Whether cards are shaded otherwise than they were written. */
const isReshaded = () => Boolean(look.shading || chosenHead());

async function shade() {
  shadings += 1;
  const number = shadings;
  const readings = shownCards().flatMap(readingsOf);
  const examples = await Promise.all(readings.map(exampleOf));
  const heads = await Promise.all(readings.map(headOf));
  if (number !== shadings) return;
  readings.forEach((reading, k) => {
    if (examples[k]) shadeReading(reading, examples[k], heads[k]);
  });
}

/** Shade the text of a reading and its heatmap; a head has a digit for each token of the text, then for each cell. */
function shadeReading(reading, example, head) {
  const signed = isSigned(example);
  const ends = endsOf(example);
  const ofHead = head && [...head].map(levelOf);
  const ofCells = example.cells && (ofHead?.splice(example.shades.length) ?? levelsOf(example.cells, example, ends));
  const levels = ofHead ?? levelsOf(example, example, ends);
  const cells = ofCells ?? levels;
  const frame = $(".frame", reading);
  $$(".map i", reading).forEach((token, at) => setShade(token, levels[at], signed));
  $$(".cells i", frame).forEach((cell, at) => setShade(cell, cells[at], signed));
  if (!ends) return;
  frame.dataset.ends = endLabels(ends, example, Boolean(head)).join("|");
  writeKey(reading);
}

/** The scale of the page: "run" or "text". */
const chosenScale = () => (chosenHead() ? "" : look.shading) || root.dataset.shades;

/** Where the scale for all examples ends; null where each has its own. */
function darkestOf(example) {
  return chosenScale() === "text" ? null : example.darkest ?? index.darkest;
}

/** The weights at both ends of the scale of an example; null where nothing was read. */
function endsOf(example) {
  const read = weightsOf(example, example.cells ?? example).filter((weight) => !Number.isNaN(weight));
  if (!read.length) return null;
  const largest = read.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const darkest = darkestOf(example);
  if (isSigned(example)) return [-(darkest ?? largest), darkest ?? largest];
  const even = 1 / example.read;
  return [even, darkest === null ? largest : Math.min(darkest * even, 1)];
}

/** The levels of tokens, in a text or in a heatmap: as they were written, or on another scale. */
function levelsOf(tokens, example, ends) {
  if (chosenScale() === root.dataset.shades || !ends) return [...tokens.shades].map(levelOf);
  const [low, top] = isSigned(example) ? [0, ends[1]] : ends;
  const isEven = top <= low * EVEN;
  return weightsOf(example, tokens).map((weight) => {
    if (isEven || Number.isNaN(weight)) return 0;
    const share = Math.max(Math.min((weight - low) / (top - low), 1), isSigned(example) ? -1 : 0);
    return Math.round(share * (example.steps ?? index.steps)) || 0; // not -0
  });
}

/** What a key says of both ends, in the words of figures/scales.py. */
function endLabels([low, top], example, ofHead = false) {
  const darkest = darkestOf(example);
  if (isSigned(example)) {
    const end = darkest && shortly(darkest);
    if (end) return [`lowered ≤ \u2212${end}`, `≥ +${end} raised`];
    return [`lowered ${withSign(low)}`, `${withSign(top)} raised`];
  }
  const even = `even share ${low.toFixed(4)}`;
  if (darkest === null) return [even, ofHead ? "largest of this head" : `largest: ${top.toFixed(4)}`];
  const end = top >= 1 ? "all" : `${shortly(darkest)} × or more`;
  return [even, `${end}: ${top.toFixed(4)}`];
}

/** A number without digits that say nothing. */
const shortly = (number) => String(Number(number.toPrecision(6)));

/** The chosen head's digits of a reading; null where it has none. */
async function headOf(reading) {
  const head = chosenHead();
  const i = placeOf(reading.closest(".card"));
  if (!head || i === undefined) return null;
  return (await load(`heads-${padded(pageOf(i))}`))[i % PER_PAGE]?.[head - 1] ?? null;
}

function setShade(token, level, signed) {
  const others = ["u", "n", "hit"].filter((name) => token.classList.contains(name));
  token.className = [shadeOf(level, signed), ...others].filter(Boolean).join(" ");
}

/** The word with the strongest shade; of equal ones the first, undefined where all are white. */
function strongestIn(tokens) {
  let strongest;
  let most = 0;
  for (const token of $$("i", tokens)) {
    const level = Number(/\b[spm](\d+)/.exec(token.className)?.[1] ?? 0);
    if (level > most) [strongest, most] = [token, level];
  }
  return strongest;
}

form.elements.head?.addEventListener("change", () => {
  form.elements.shading.disabled = chosenHead() !== ""; // a head is shaded as the page was written
  shade().catch((problem) => announce(`this cannot be shown: ${problem.message}`));
});
