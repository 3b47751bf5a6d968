/* Start: once every other file has run, show the form and what the address says. */

form.hidden = false;
root.classList.add("js");
prepareCards();
announce(root.dataset.here);
follow();
self.requestIdleCallback?.(() => loadIndex().catch(() => {})); // a filter then answers at once
