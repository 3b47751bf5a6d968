/* Look: theme, view and shading, remembered where the browser allows it. */

const look = { theme: "", view: "", shading: "" };

function recall(key) {
  try {
    return localStorage.getItem(`reportgen-${key}`) ?? "";
  } catch {
    return ""; // a browser may forbid storage to pages from a disk
  }
}

function setLook(key, value) {
  look[key] = value;
  root.dataset[key] = value;
  try {
    localStorage.setItem(`reportgen-${key}`, value);
  } catch {
    // It lasts as long as the page.
  }
  if (key === "shading") shade();
  if (key === "view") shownCards().filter((card) => $(".more", card)).forEach(centerWhenSeen);
}

for (const key of Object.keys(look)) {
  const field = form.elements[key];
  if (!field) continue; // a report without weights has no choice of view and shading
  look[key] = recall(key);
  root.dataset[key] = look[key];
  field.value = look[key];
  field.addEventListener("change", () => setLook(key, field.value));
}
