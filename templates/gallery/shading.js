/* Shading: each example by itself, all shown cards on one scale, or by one attention head. */

let shadings = 0; // counts the calls: of overlapping ones only the last is carried out

/** The attention head that is chosen, from 1 on; "" is the mean of all. */
const chosenHead = () => form.elements.head?.value ?? "";

async function shade() {
  shadings += 1;
  const number = shadings;
  const readings = shownCards().flatMap(readingsOf);
  const examples = await Promise.all(readings.map(exampleOf));
  const levels = await levelsOf(readings, examples);
  if (number !== shadings) return;
  readings.forEach((reading, k) => {
    if (!examples[k]) return;
    const signed = isSigned(examples[k]);
    $$(".map i", reading).forEach((token, at) => setShade(token, levels[k][at], signed));
  });
}

/** The level of every token of these cards. */
async function levelsOf(cards, examples) {
  const own = examples.map((example) => [...(example?.shades ?? "")].map(levelOf));
  const head = chosenHead();
  if (head) {
    const heads = await Promise.all(cards.map(headsOf));
    return own.map((levels, k) => (heads[k]?.[head - 1] ? [...heads[k][head - 1]].map(levelOf) : levels));
  }
  return look.shading === "shared" ? sharedLevels(examples) : own;
}

/** A digit per token for each attention head of the example of a card; null where it has none. */
async function headsOf(card) {
  const i = placeOf(card);
  return i === undefined ? null : (await load(`heads-${padded(pageOf(i))}`))[i % PER_PAGE];
}

function sharedLevels(examples) {
  const shown = examples.map((example) => (example ? comparable(example) : []));
  const top = largest(shown);
  return shown.map((weights) => weights.map((weight) => Math.round((index.darkest * weight) / top) || 0)); // not NaN
}

/** Weights that all examples have in common: attributions, or what exceeds an even share, in even shares. */
function comparable(example) {
  const weights = weightsOf(example);
  return index.signed ? weights : weights.map((weight) => Math.max(weight * example.read - 1, 0));
}

/** The largest of all weights by its size; of attention at least 0.001, which is even. */
function largest(shown) {
  let top = index.signed ? Number.MIN_VALUE : 0.001;
  for (const weights of shown) {
    for (const weight of weights) {
      if (Math.abs(weight) > top) top = Math.abs(weight);
    }
  }
  return top;
}

function setShade(token, level, signed) {
  const others = ["u", "n", "hit"].filter((name) => token.classList.contains(name));
  token.className = [shadeOf(level, signed), ...others].filter(Boolean).join(" ");
}

form.elements.head?.addEventListener("change", () => {
  form.elements.shading.disabled = chosenHead() !== ""; // heads have scales of their own
  shade().catch((problem) => announce(`this cannot be shown: ${problem.message}`));
});
