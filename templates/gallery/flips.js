/* Flips: what a card of a comparison, and a line of its CSV file, say of each run beside what a report's says. */

/** Whether a run is right about an example; undefined without a label. */
const isRight = (run, i) => (index.label[i] === null ? undefined : run.predicted[i] === index.label[i]);

/** Say in a reading whether it is right. */
function addVerdict(reading, run, i) {
  $(".tick", reading).textContent = { true: "✓", false: "✕" }[isRight(run, i)] ?? "?";
  const given = $(".given", reading);
  if (!$(".share", given).textContent || index.label[i] === null) given.remove();
}

/** The columns of comparison.csv, of an example or (undefined) their names. */
function comparedColumns(i) {
  const ofRun = (run) =>
    i === undefined
      ? ["predicted", "confidence", "correct"].map((name) => `${run.letter}.${name}`)
      : [
          index.classes[run.predicted[i]],
          (run.confidence[i] / 1e6).toFixed(6),
          { true: "yes", false: "no" }[isRight(run, i)] ?? "",
        ];
  const label = index.classes[index.label[i]] ?? "";
  const first = i === undefined ? ["id", "label", "change"] : [index.id[i], label, index.outcomes[index.outcome[i]]];
  return [...first, ...index.runs.flatMap(ofRun)];
}
