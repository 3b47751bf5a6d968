/* Pictures: a card whose heatmap is not there, as in a run that was packed without them, shows its shaded text. */

function showTextAlone(picture) {
  picture.closest(".card").classList.add("unpictured");
}

document.addEventListener("error", ({ target }) => {
  if (target.matches?.(".heatmap")) showTextAlone(target);
}, true);
for (const picture of $$(".heatmap")) {
  if (picture.complete && !picture.naturalWidth) showTextAlone(picture);
}
