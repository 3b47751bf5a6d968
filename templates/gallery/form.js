/* Form: the fields and buttons that choose what is shown, and what they show of it. */

function fillForm() {
  for (const [key, value] of Object.entries(state)) {
    const field = form.elements[key];
    if (field && document.activeElement !== field) field.value = value;
  }
  for (const chip of $$("[data-outcome]")) chip.setAttribute("aria-pressed", chip.dataset.outcome === state.outcome);
  for (const link of $$(".confusion a")) {
    const cell = new URLSearchParams(link.hash.slice(1));
    const isChosen = cell.get("label") === state.label && cell.get("predicted") === state.predicted;
    link.classList.toggle("on", isChosen);
  }
  $("#clear").hidden = !isFiltered();
  showRange(state.from, state.to);
}

form.addEventListener("submit", (event) => event.preventDefault());

form.addEventListener("input", ({ target }) => {
  if (!(target.name in BLANK)) return;
  clearTimeout(typing);
  state[target.name] = target.value.trim();
  typing = setTimeout(() => go({}, true), target.name === "q" ? 100 : 0);
});

document.addEventListener("click", ({ target }) => {
  const chip = target.closest("[data-outcome]");
  const pager = target.closest("[data-to]");
  if (chip) go({ outcome: chip.dataset.outcome });
  if (pager) go({ p: pager.dataset.to }).then(() => results.scrollIntoView());
  if (target.closest("#clear")) go({ ...BLANK });
});
