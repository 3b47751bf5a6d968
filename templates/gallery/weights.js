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
  const card = token.closest(".card");
  const example = await exampleOf(card);
  if (!example || token !== pointed) return; // the pointer has moved on
  tip.textContent = weightAndRank(token, $$(".map i", card), weightsOf(example));
  tip.hidden = false;
  const box = token.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${box.top > 40 ? box.top - tip.offsetHeight - 4 : box.bottom + 4}px`;
}

function weightAndRank(token, tokens, weights) {
  const weight = weights[tokens.indexOf(token)];
  if (Number.isNaN(weight)) return "not read by the model";
  const size = (number) => (index.signed ? Math.abs(number) : number);
  const rank = 1 + weights.filter((other) => size(other) > size(weight)).length;
  const vocabulary = token.classList.contains("u") ? ", not in the vocabulary" : "";
  const mean = chosenHead() ? "mean of all heads " : "";
  const written = index.signed ? signedNumber(weight) : weight.toFixed(4);
  return `${mean}${written}, rank ${count(rank)} of ${count(tokens.length)}${vocabulary}`;
}

/** A number with a true minus or a plus, and in words what it did, since a screen reader may skip the sign. */
function signedNumber(number) {
  if (number === 0) return "0";
  const size = count(Math.abs(number), { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  return number > 0 ? `+${size} (raised the answer)` : `\u2212${size} (lowered the answer)`;
}

const STEPS = ["ArrowRight", "ArrowLeft", "Home", "End", "m"]; // keys within a text

function step(map, key) {
  const tokens = $$("i", map);
  const at = tokens.indexOf(pointed);
  const target = {
    ArrowRight: at + 1,
    ArrowLeft: Math.max(at - 1, 0),
    Home: 0,
    End: tokens.length - 1,
    m: tokens.findIndex((token) => token.matches(STRONGEST)),
  }[key];
  const token = tokens[Math.min(target, tokens.length - 1)];
  if (!token) return;
  token.scrollIntoView({ block: "nearest" });
  pointAt(token);
}

document.addEventListener("pointerover", ({ target }) => {
  const token = isWeighted ? target.closest?.(".map i") : null;
  if (token || !pointed?.closest(".map:focus")) pointAt(token);
});
document.addEventListener("focusout", () => pointAt(null));
addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
