/* Active: every filter that narrows what is shown, by name, with a way to remove it. */

const active = $("#active");
const BETWEEN_TWO = { from: "to", least: "most" }; // fields that are the ends of one range

function showActive() {
  for (const button of $$("[data-remove]", active)) button.remove();
  const chips = activeFilters().map(([keys, text]) => {
    const button = element("button", text);
    button.type = "button";
    button.dataset.remove = keys;
    button.setAttribute("aria-label", `Remove ${text}`);
    return button;
  });
  active.prepend(fragmentOf(chips));
  active.hidden = !isFiltered();
  $("#chosen").textContent = chips.length || "";
}

/** The names of the fields of each active filter, and what it is called. */
function activeFilters() {
  const ends = new Set(Object.values(BETWEEN_TWO));
  const found = [];
  for (const key of Object.keys(BLANK)) {
    const end = BETWEEN_TWO[key];
    if (ends.has(key) || !(isChosen(key) || (end && isChosen(end)))) continue;
    found.push(end ? [`${key} ${end}`, `${nameOf(key)} ${rangeOf(state[key], state[end])}`] : [key, textOf(key)]);
  }
  return found;
}

function rangeOf(from, to) {
  if (!to) return `${from} or more`;
  return from ? `${from} to ${to}` : `${to} or less`;
}

/** A field as the form calls it; one that this report lacks, but an address names, as the address does. */
function nameOf(key) {
  const field = form.elements[key];
  if (!field) return key;
  const named = field.closest("label") ?? $("legend", field.closest("fieldset"));
  return ($("bdi", named) ?? named.firstChild).textContent.trim();
}

function textOf(key) {
  const value = state[key];
  if (key === "outcome") return $(`[data-outcome="${CSS.escape(value)}"]`)?.dataset.name ?? value;
  if (key === "q") return `Search: ${value}`;
  if (key === "sort") return [...form.elements.sort.options].find((option) => option.value === value)?.text ?? value;
  return `${nameOf(key)}${key === "unknown" ? ` ${value} %` : `: ${value}`}`;
}

active.addEventListener("click", ({ target }) => {
  const chip = target.closest("[data-remove]");
  if (target.closest("#clear")) go({ ...BLANK });
  if (target.closest("#copy")) copy(linkTo(addressOf(state)), "copied the link to these examples");
  if (!chip) return;
  const at = $$("[data-remove]", active).indexOf(chip);
  go(Object.fromEntries(chip.dataset.remove.split(" ").map((key) => [key, ""])));
  const left = $$("[data-remove]", active);
  (left[Math.min(at, left.length - 1)] ?? form.elements.q).focus({ preventScroll: true });
});
