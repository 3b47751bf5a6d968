/* Look: theme, view, shading and attention head. All but the theme stand in the address, and all but the head are
   remembered where the browser allows it. */

const look = { theme: "", ...LOOK }; // as it is shown

/** A value that a field offers; undefined if it does not. */
function offered(key, value) {
  return [...(form.elements[key]?.options ?? [])].some((option) => option.value === value) ? value : undefined;
}

function recall(key) {
  if (key === "head") return ""; // it belongs to one run
  try {
    return offered(key, localStorage.getItem(`reportgen-${key}`)) ?? "";
  } catch {
    return ""; // a browser may forbid storage to pages from a disk
  }
}

function setLook(key, value) {
  try {
    if (key !== "head") localStorage.setItem(`reportgen-${key}`, value);
  } catch {
    // It lasts as long as the page.
  }
  if (key in LOOK) {
    state[key] = value;
    history.replaceState(null, "", addressOf(state));
    showLook();
  } else {
    root.dataset[key] = look[key] = value;
  }
}

/** Show the cards as the state says. */
function showLook() {
  const changed = Object.keys(LOOK).filter((key) => look[key] !== state[key]);
  for (const key of changed) {
    root.dataset[key] = look[key] = state[key];
    if (form.elements[key]) form.elements[key].value = state[key];
  }
  const shading = form.elements.shading; // a report without weights has none
  if (shading) shading.disabled = chosenHead() !== ""; // heads have scales of their own
  if (changed.includes("shading") || changed.includes("head")) {
    shade().catch((problem) => announce(`this cannot be shown: ${problem.message}`));
  }
  if (changed.includes("view")) shownCards().filter((card) => $(".more", card)).forEach(centerWhenSeen);
}

for (const key of Object.keys(look)) {
  const field = form.elements[key];
  if (key in LOOK) state[key] = recall(key);
  else root.dataset[key] = look[key] = field.value = recall(key);
  field?.addEventListener("change", () => setLook(key, field.value));
}
