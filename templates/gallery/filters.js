/* Filters and order, over the whole run: from the state to the places of the examples that match it. */

// What a reader has chosen, in the words of the address and of the form; "" is "not chosen", p the page of results.
const BLANK = {
  outcome: "",
  label: "",
  predicted: "",
  from: "",
  to: "",
  least: "",
  most: "",
  unknown: "",
  flag: "",
  q: "",
  sort: "",
  p: "",
};
for (const field of form.elements) {
  if (field.name.startsWith("extra.")) BLANK[field.name] = ""; // a further column of the data
}
const LOOK = { view: "", shading: "", head: "" }; // how cards look: in the address too, but no filter
let state = { ...BLANK, ...LOOK };
const isChosen = (key) => key in BLANK && key !== "p" && state[key] !== "";
const isFiltered = () => Object.keys(state).some(isChosen); // or sorted
const isNarrowed = () => Object.keys(state).some((key) => isChosen(key) && key !== "sort");

function matches() {
  const { confidence, label, outcome, predicted, tokens, unknown } = index;
  const number = (key, otherwise) => (state[key] === "" ? otherwise : Number(state[key]));
  // An outcome is named by its two properties, so "unsure" and "wrong" each fit several of them.
  const fits = index.outcomes.map((name) => ["", name, ...name.split("-")].includes(state.outcome));
  const wantedLabel = index.classes.indexOf(state.label);
  const wantedClass = index.classes.indexOf(state.predicted);
  const from = 1e6 * number("from", 0) - 0.5; // the column holds millionths, rounded
  const to = 1e6 * number("to", Infinity) + 0.5;
  const least = number("least", 0);
  const most = number("most", Infinity);
  const unknownShare = number("unknown", 0) / 100;
  const flag = state.flag && 1 << index.flags.indexOf(state.flag); // one that there is not fits none
  const chosen = index.extra
    .filter(({ name }) => state[`extra.${name}`])
    .map(({ name, values, places }) => [places, values.indexOf(state[`extra.${name}`])]);
  const isFound = state.q && searchFor(state.q);
  const matching = [];
  for (let i = 0; i < index.id.length; i += 1) {
    if (!fits[outcome[i]]) continue;
    if (state.label && label[i] !== wantedLabel) continue;
    if (state.predicted && predicted[i] !== wantedClass) continue;
    if (confidence[i] < from || confidence[i] > to) continue;
    if (tokens[i] < least || tokens[i] > most) continue;
    if (state.unknown && (unknown?.[i] ?? 0) < unknownShare * Math.max(tokens[i], 1)) continue;
    if (state.flag && !(index.flag[i] & flag)) continue;
    if (!chosen.every(([places, wanted]) => places[i] === wanted)) continue;
    if (state.q && !isFound(i)) continue;
    matching.push(i);
  }
  const compare = comparisonFor(state.sort);
  return compare ? matching.sort(compare) : matching; // a stable sort: equals stay in the order of the gallery
}

/** The probability of the label, of which the loss is -log; examples without a label come last. */
const certaintyOfLabel = (i) => index.labelProbability[i] ?? 1e9;

function comparisonFor(sort) {
  const ascending = (column) => (a, b) => column[a] - column[b];
  const descending = (column) => (a, b) => column[b] - column[a];
  const comparisons = {
    __proto__: null, // the address may hold any word
    confidence: ascending(index.confidence),
    "-confidence": descending(index.confidence),
    "-loss": (a, b) => certaintyOfLabel(a) - certaintyOfLabel(b),
    length: ascending(index.tokens),
    "-length": descending(index.tokens),
    id: (a, b) => (index.id[a] < index.id[b] ? -1 : 1),
  };
  return comparisons[sort];
}
