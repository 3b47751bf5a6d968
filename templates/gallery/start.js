/* Start: once every other file has run, show the form and what the address says. */

form.hidden = false;
root.classList.add("js");
prepareCards();
announce(root.dataset.here);
follow();
// A filter and the first search then answer at once.
self.requestIdleCallback?.(() => (location.protocol === "file:" ? readAhead() : loadIndex()).catch(() => {}));
