/* Answering: the form below each card, its keys, and the filter by what is answered. */

/** Show the form of a card as its example is answered, and make it where there is none. */
function showAnswers(card) {
  const form = $(".answers", card) ?? addForm(card);
  const given = answers.get(idOf(card)) ?? {};
  for (const button of $$("[data-answer]", form)) {
    const { question } = button.closest("[data-question]").dataset;
    button.setAttribute("aria-pressed", given[question] === button.dataset.answer);
  }
  const remark = $("textarea", form);
  if (document.activeElement !== remark) remark.value = given.remark ?? "";
}

function addForm(card) {
  const form = blankAnswers.cloneNode(true);
  if (!$(".label", card)) {
    // An example without a label is asked about its predicted class.
    const group = $("[data-unlabelled]", form);
    $("span", group).textContent = group.dataset.unlabelledShort;
    group.setAttribute("aria-label", group.dataset.unlabelled);
  }
  card.append(form);
  return form;
}

/** The card that was reached by key or clicked last, if it is in sight; else the first in sight. */
function cardInHand() {
  const top = $("#find").getBoundingClientRect().bottom;
  const isInSight = (card) => {
    const { top: above, bottom } = card.getBoundingClientRect();
    return bottom > top && above < innerHeight;
  };
  if (current?.isConnected && isInSight(current)) return current;
  current = shownCards().find(isInSight) ?? null;
  if (current) $(".id", current).focus({ preventScroll: true });
  return current;
}

/** Choose an answer, or take it back if it was chosen. */
function choose(card, question, value) {
  const isChosen = answers.get(idOf(card))?.[question] === value;
  answer(card, question, isChosen ? "" : value);
  return !isChosen;
}

function chooseByKey(question, value) {
  const card = cardInHand();
  if (!card) return;
  const isChosen = choose(card, question, value);
  announce(`${question} of ${idOf(card)}: ${isChosen ? value : "not answered"}`);
}

function writeRemark() {
  const card = cardInHand();
  if (card) $("textarea", card).focus();
}

/** Go to the next card without an answer; where none is shown, to those of the whole run. */
function goToUnanswered() {
  const cards = shownCards();
  const from = current?.isConnected ? cards.indexOf(current) + 1 : 0;
  const isOpen = (card) => !answers.has(idOf(card));
  const next = cards.slice(from).find(isOpen) ?? cards.find(isOpen);
  if (!next) {
    go({ ...BLANK, answered: "no" });
    return;
  }
  current = next;
  $(".id", next).focus({ preventScroll: true });
  next.scrollIntoView();
}

for (const button of $$("[data-key]", blankAnswers)) {
  const { question } = button.closest("[data-question]").dataset;
  ACTIONS[button.dataset.key] = () => chooseByKey(question, button.dataset.answer);
}
ACTIONS.r = writeRemark;
ACTIONS.u = goToUnanswered;

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-answer]");
  const { question } = button?.closest("[data-question]").dataset ?? {};
  if (button) choose(button.closest(".card"), question, button.dataset.answer);
  if (target.closest("#progress")) review.scrollIntoView();
});

document.addEventListener("input", ({ target }) => {
  if (target.matches(".answers textarea")) answer(target.closest(".card"), "remark", target.value.trim());
});

// The other files are as they are in a gallery that asks nothing; what is to be added to them is added here.
BLANK.answered = "";
state.answered = "";

const matchesOfOthers = matches;
matches = () => {
  const all = matchesOfOthers();
  if (!state.answered) return all;
  return all.filter((i) => answers.has(index.id[i]) === (state.answered === "yes"));
};

const prepareOtherwise = prepareCards;
prepareCards = () => {
  prepareOtherwise();
  showAllAnswers();
};

review.hidden = false;
