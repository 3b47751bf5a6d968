/* Weights: the weight and rank of a word, under the pointer or by the arrow keys. */

const tip = $("#tip");
let pointed = null; // the token whose weight is shown

async function pointAt(token) {
  pointed?.classList.remove("here");
  pointed = token;
  if (!token) {
    tip.hidden = true;
    return;
  }
  token.classList.add("here");
  const reading = readingOf(token);
  const example = await exampleOf(reading);
  if (!example || token !== pointed) return; // the pointer has moved on
  tip.textContent = weightAndRank(token, example);
  tip.hidden = false;
  const box = token.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${box.top > 40 ? box.top - tip.offsetHeight - 4 : box.bottom + 4}px`;
}

/** What a token's number is, how large beside others, and its rank; of a cell that is cut off its word too. */
function weightAndRank(token, example) {
  const inCells = token.closest(".cells");
  const weights = weightsOf(example, inCells && example.cells ? example.cells : example);
  const weight = weights[[...$$("i", token.parentElement)].indexOf(token)];
  const word = inCells && token.scrollWidth > token.clientWidth ? `${token.textContent}: ` : "";
  if (Number.isNaN(weight)) return `${word}not read by the model`;
  const rank = 1 + weights.filter((other) => Math.abs(other) > Math.abs(weight)).length;
  const vocabulary = token.classList.contains("u") ? ", not in the vocabulary" : "";
  const mean = chosenHead() ? "mean of all heads, " : "";
  const number = isSigned(example) ? signedNumber(weight) : attentionOf(weight, example.read);
  return `${word}${mean}${number}, rank ${count(rank)} of ${count(weights.length)}${vocabulary}`;
}

function attentionOf(weight, read) {
  const shares = weight * read;
  return `attention ${fixed(weight, 4)}, ${shares < 100 ? fixed(shares, 1) : count(rounded(shares))} even shares`;
}

/** An attribution, and in words what it did, since a screen reader may skip the sign. */
function signedNumber(number) {
  const did = number > 0 ? " (raised the answer)" : " (lowered the answer)";
  return `attribution ${withSign(number)}${number ? did : ""}`;
}

const STEPS = ["ArrowRight", "ArrowLeft", "Home", "End", "m"]; // keys within a text

async function step(map, key) {
  const tokens = $$("i", map);
  const most = key === "m" ? await strongestOf(map) : 0;
  const at = tokens.indexOf(pointed);
  const target = {
    ArrowRight: at + 1,
    ArrowLeft: Math.max(at - 1, 0),
    Home: 0,
    End: tokens.length - 1,
    m: most,
  }[key];
  const token = tokens[Math.min(target, tokens.length - 1)];
  if (!token) return;
  token.scrollIntoView({ block: "nearest" });
  pointAt(token);
}

/** The place of the word with the largest weight, by its size. */
async function strongestOf(map) {
  const example = await exampleOf(readingOf(map));
  const sizes = example ? weightsOf(example).map((weight) => Math.abs(weight) || 0) : [];
  return sizes.indexOf(sizes.reduce((most, size) => Math.max(most, size), 0));
}

document.addEventListener("pointerover", ({ target }) => {
  const token = isWeighted ? target.closest?.(".map i, .cells i") : null;
  if (token || !pointed?.closest(".map:focus")) pointAt(token);
});
document.addEventListener("focusout", () => pointAt(null));
addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
