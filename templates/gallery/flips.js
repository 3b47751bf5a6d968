/* Flips: what a card of a comparison says of each run beside what a report's card says. */

/** Say in a reading whether it is right, and how probable the label is where it is not. */
function addVerdict(reading, run, i) {
  const label = index.label[i];
  const isRight = run.predicted[i] === label;
  $(".tick", reading).textContent = label === null ? "?" : isRight ? "✓" : "✕";
  const given = $(".given", reading);
  if (label === null || isRight) given.remove();
  else $("span", given).textContent = decimal(run.labelProbability[i] / 1e6);
}
