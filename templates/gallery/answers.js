/* Answers: what a reviewer says of each example, kept in the browser under the run; only where a review is asked. */

const review = $("#review"); // the section with the reviewer's name, the progress, export and import
const blankAnswers = $("#answers").content.firstElementChild;
const STORED = `reportgen-answers-${review.dataset.run}`;
const QUESTIONS = Object.fromEntries(
  $$("[data-question]", blankAnswers).map((group) => [
    group.dataset.question,
    $$("[data-answer]", group).map((button) => button.dataset.answer),
  ])
); // the answers to choose from, by question; of a remark none
const answers = new Map(); // by the id of the example; one without any answer is not there
const reviewer = { name: "", date: "" };
let isKept = true; // whether the browser keeps the answers
let isExported = true; // whether they are in a file as they are now
let keeping = 0; // the timer of answers that are not kept yet

/** Say a sentence of the page, which stands in its template, with numbers and names filled in. */
function say(sentence, values = {}) {
  const text = review.dataset[sentence].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  $("#review-status").textContent = text;
  return text;
}

/** Take what was kept or exported; what is no answer to a question is left out. */
function take(found) {
  for (const key of Object.keys(reviewer)) {
    const value = found.reviewer?.[key];
    if (value && typeof value === "string") reviewer[key] = value;
  }
  for (const [id, given] of Object.entries(found.answers ?? {})) {
    const valid = Object.entries(QUESTIONS).filter(([question, choices]) => {
      const answer = given?.[question];
      return typeof answer === "string" && answer && (!choices.length || choices.includes(answer));
    });
    if (valid.length) answers.set(id, Object.fromEntries(valid.map(([question]) => [question, given[question]])));
  }
}

/** Read what the browser keeps; nothing where it keeps none, or something else. */
function recallAnswers() {
  let text = null;
  try {
    text = localStorage.getItem(STORED);
    localStorage.setItem(STORED, text ?? "{}"); // whether it may be written, too
  } catch {
    isKept = false;
  }
  answers.clear();
  try {
    take(JSON.parse(text ?? "{}"));
  } catch {
    // What is no JSON was not written here.
  }
}

function keepAnswers() {
  clearTimeout(keeping);
  keeping = 0;
  const wasKept = isKept;
  try {
    localStorage.setItem(STORED, JSON.stringify({ reviewer, answers: Object.fromEntries(answers) }));
    isKept = true;
  } catch {
    isKept = false;
  }
  if (isKept !== wasKept) say(isKept ? "kept" : "full");
}

/** Keep a change in a moment, so that a remark is not written anew with every letter. */
function keepSoon() {
  isExported = false;
  clearTimeout(keeping);
  keeping = setTimeout(keepAnswers, 200);
}

const idOf = (card) => $(".id bdi", card).textContent;

/** Set the answer to a question about the example of a card; "" takes it back. */
function answer(card, question, value) {
  const { [question]: before, ...given } = answers.get(idOf(card)) ?? {};
  if (value) given[question] = value;
  if (Object.keys(given).length) answers.set(idOf(card), given);
  else answers.delete(idOf(card));
  reviewer.date ||= today();
  keepSoon();
  showAnswers(card);
  showProgress();
}

/** The date here, not that of UTC, as a field of dates has it. */
function today() {
  const now = new Date();
  const part = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
}

function showProgress() {
  const total = Number(review.dataset.total);
  $("#progress").textContent = `${count(answers.size)} of ${count(total)} answered`;
  $("progress", review).value = answers.size;
  for (const field of $$("input[name]", review)) {
    if (document.activeElement !== field) field.value = reviewer[field.name];
  }
}

function showAllAnswers() {
  shownCards().forEach(showAnswers);
  showProgress();
}

review.addEventListener("input", ({ target }) => {
  if (!(target.name in reviewer)) return;
  reviewer[target.name] = target.value.trim();
  keepSoon();
});

// Another page of the run, in another window, has changed them; or this page comes back as it was left.
addEventListener("storage", ({ key }) => {
  if (key !== STORED) return;
  recallAnswers();
  showAllAnswers();
});
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  recallAnswers();
  showAllAnswers();
});
// Also when the page is left.
document.addEventListener("visibilitychange", () => document.hidden && keeping && keepAnswers());
addEventListener("beforeunload", (event) => {
  if (!isKept && !isExported) event.preventDefault(); // the browser asks whether to leave
});

recallAnswers();
say(isKept ? "kept" : "unkept");
