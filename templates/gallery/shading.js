/* Shading: each example by itself, or all shown cards on one scale. */

const DARKEST = 31;

async function shade() {
  const shared = look.shading === "shared";
  const cards = shownCards();
  const examples = await Promise.all(cards.map(exampleOf));
  const relative = examples.map((example) => (example ? relativeWeights(example) : []));
  const top = largest(relative);
  cards.forEach((card, k) => {
    const example = examples[k];
    if (!example) return;
    $$(".map i", card).forEach((token, at) => {
      const own = example.shades[at];
      if (own === "-") setShade(token, 0);
      else if (!shared) setShade(token, parseInt(own, 32));
      else setShade(token, Math.round((DARKEST * Math.max(relative[k][at] - 1, 0)) / (top - 1)));
    });
  });
}

/** Weights as multiples of an even share, which all lengths have in common; NaN: not read. */
function relativeWeights(example) {
  return weightsOf(example).map((weight) => weight * example.read);
}

/** The largest of all weights; more than 1, so that a shade is never a division by zero. */
function largest(relative) {
  let top = 1.001;
  for (const weights of relative) {
    for (const weight of weights) {
      if (weight > top) top = weight;
    }
  }
  return top;
}

function setShade(token, level) {
  const others = ["u", "n", "hit"].filter((name) => token.classList.contains(name));
  token.className = (level ? [`s${level}`, ...others] : others).join(" ");
}
