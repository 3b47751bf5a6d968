/* Form: the fields and buttons that choose what is shown, and what they show of it. */

function fillForm() {
  for (const [key, value] of Object.entries(state)) {
    const field = form.elements[key];
    if (field && document.activeElement !== field) field.value = value;
  }
  for (const chip of $$("[data-outcome]")) {
    const { outcome } = chip.dataset;
    chip.setAttribute("aria-pressed", outcome ? outcome === state.outcome : !isNarrowed());
  }
  for (const link of $$(".confusion a")) {
    const { label, predicted } = cellOf(link);
    link.classList.toggle("on", label === state.label && predicted === state.predicted);
  }
  showRange(state.from, state.to);
}

/** The label and the predicted class that a cell of the confusion matrix counts. */
const cellOf = (link) => Object.fromEntries(new URLSearchParams(link.hash.slice(1)));

form.addEventListener("submit", (event) => event.preventDefault());

form.elements.q.addEventListener("keydown", ({ key, isComposing }) => {
  if (key === "Enter" && !isComposing) go({}, { replace: true, arrive: () => toExamples(true) });
});

form.addEventListener("input", ({ target }) => {
  if (!(target.name in BLANK)) return;
  if (target.name === "q" && followPasted(target)) return;
  clearTimeout(typing);
  state[target.name] = target.value.trim();
  typing = setTimeout(() => go({}, { replace: true }), target.name === "q" ? 100 : 0);
});

/** Follow a copied link that is pasted into the search. */
function followPasted(field) {
  const fragment = /^\S*\.html(#(?:ex-|\S+=)\S*)$/.exec(field.value.trim())?.[1];
  if (!fragment) return false;
  field.value = "";
  field.blur();
  location.hash = fragment;
  return true;
}

document.addEventListener("click", (event) => {
  const { target } = event;
  const chip = target.closest("[data-outcome]");
  const pager = target.closest("[data-to]");
  const cell = target.closest(".confusion a");
  if (chip?.dataset.outcome) go({ outcome: chip.dataset.outcome });
  else if (chip) go({ ...BLANK, sort: state.sort });
  if (pager) go({ p: pager.dataset.to }, { arrive: () => toExamples() });
  if (cell && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    go(cellOf(cell), { arrive: () => toExamples(true) });
  }
});

/** Measure what the bar takes of the window: what is gone to stops below it. A telephone shows its last row alone. */
function measureBar() {
  root.style.setProperty("--above", `${$(".bar", form).offsetTop}px`);
  const { top } = getComputedStyle(form);
  root.style.setProperty("--stuck", `${form.offsetHeight + (parseFloat(top) || 0)}px`);
}

new ResizeObserver(measureBar).observe(form);
