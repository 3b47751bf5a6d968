/* Exchange: the answers as a file, which is sent back, or goes on in another browser. */

const FILE_FORMAT = { format: review.dataset.format, version: Number(review.dataset.version) };

function exportAnswers() {
  if (!answers.size) {
    say("nothing");
    return;
  }
  if (!reviewer.name) {
    say("unnamed");
    $("[name=name]", review).focus();
    return;
  }
  const { run, experiment, split } = review.dataset;
  const written = { ...FILE_FORMAT, run, experiment, split, reviewer, answers: Object.fromEntries(answers) };
  const name = `answers-${run.slice(0, 8)}-${reviewer.name.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40)}.json`;
  saveFile(name, [`${JSON.stringify(written, null, 1)}\n`], "application/json");
  isExported = true;
  say("exported", { examples: examplesOf(answers.size) });
}

const examplesOf = (number) => (number === 1 ? "1 example" : `${count(number)} examples`);

/** Take the answers of a file to those that are here; about the same example the file's count. */
async function importAnswers(file) {
  let found = null;
  try {
    found = JSON.parse(await file.text());
  } catch {
    // It is said below.
  }
  if (found?.format !== FILE_FORMAT.format || found.version !== FILE_FORMAT.version) {
    say("foreign", { file: file.name });
    return;
  }
  if (found.run !== review.dataset.run) {
    say("other", { file: file.name, run: String(found.run).slice(0, 8) });
    return;
  }
  await loadIndex();
  const known = new Set(index.id);
  const given = Object.entries(found.answers ?? {}).filter(([id]) => known.has(id));
  take({ ...found, answers: Object.fromEntries(given) });
  keepAnswers();
  showAllAnswers();
  say("imported", { examples: examplesOf(given.length) });
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("#export")) exportAnswers();
  if (target.closest("#import")) $("#import-file").click();
});
$("#import-file").addEventListener("change", async ({ target }) => {
  for (const file of target.files) await importAnswers(file);
  target.value = ""; // so that the same file can be chosen again
});
