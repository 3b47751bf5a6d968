/* Start: once every other file has run, show the form and what the address says. */

form.hidden = false;
root.classList.add("js");
measureBar();
showLook();
prepareCards();
announce(root.dataset.here);
// A link to filtered examples leads to them; a page that is loaded again stays where it was.
const [{ type } = {}] = performance.getEntriesByType("navigation");
follow(type === "navigate" ? () => toExamples() : undefined);
// A filter and the first search then answer at once.
self.requestIdleCallback?.(() => (location.protocol === "file:" ? readAhead() : loadIndex()).catch(() => {}));
