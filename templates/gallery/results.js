/* Results: what matches the state, twenty cards at a time, in place of the gallery. */

const PER_RESULTS = 20;
let shows = 0; // counts the calls: of overlapping ones only the last is carried out

/** Show what the state says; arrive is called as soon as the cards stand there. */
async function show(arrive) {
  shows += 1;
  const number = shows;
  fillForm();
  showActive();
  showLook();
  if (!isFiltered()) {
    showGallery();
    arrive?.();
    return;
  }
  try {
    await loadIndex();
    if (state.q && !areTextsRead()) await loadTexts();
  } catch (problem) {
    announce(`this cannot be shown: ${problem.message}`);
    return;
  }
  if (number !== shows) return;
  const matching = matches();
  const pages = Math.max(Math.ceil(matching.length / PER_RESULTS), 1);
  const page = Math.min(Math.max(Number(state.p) || 1, 1), pages);
  const first = (page - 1) * PER_RESULTS;
  const part = matching.slice(first, first + PER_RESULTS);
  gallery.remove();
  results.hidden = false;
  announceResults(matching.length, first, part.length);
  setPager(page, pages);
  const cards = part.map(cardWithoutText);
  resultCards.replaceChildren(fragmentOf(cards));
  arrive?.();
  const loading = part.map(loadExample);
  for (let k = 0; k < cards.length; k += 1) {
    addText(cards[k], await loading[k]);
    if (k % 5 === 4) await new Promise((resolve) => setTimeout(resolve)); // the browser may paint what is ready
    if (number !== shows) return;
  }
  highlight();
  prepareCards();
}

function showGallery() {
  results.hidden = true;
  if (!gallery.isConnected) results.before(gallery);
  announce(root.dataset.here);
  prepareCards();
}

function announceResults(total, first, length) {
  announce(`${count(total)} of ${count(index.id.length)}`);
  $("#results-title").textContent = total === 1 ? "1 example found" : `${count(total)} examples found`;
  if (!total) $("#results-note").textContent = "No example matches. Loosen a filter, or clear them all.";
  else if (length === 1) $("#results-note").textContent = total === 1 ? "" : `${count(first + 1)} shown here`;
  else $("#results-note").textContent = `${count(first + 1)} to ${count(first + length)} shown here`;
}

function setPager(page, pages) {
  for (const [button, to] of [["#previous", page - 1], ["#next", page + 1]]) {
    $(button).hidden = to < 1 || to > pages;
    $(button).dataset.to = to;
  }
  const field = $("#page");
  field.closest("label").hidden = pages < 2;
  field.max = pages;
  field.value = page;
  $("#last").textContent = count(pages);
}

$("#page").addEventListener("change", ({ target }) => {
  if (target.value) go({ p: target.value }, { arrive: () => toExamples() });
});

/** Scroll to the examples, so that what is chosen is seen; with isFollowed, also the focus goes there. */
function toExamples(isFollowed = false) {
  const isCalm = !isFollowed || matchMedia("(prefers-reduced-motion: reduce)").matches;
  examples.scrollIntoView({ behavior: isCalm ? "auto" : "smooth" });
  if (isFollowed) $("#results-title").focus({ preventScroll: true });
}

/** After a change in the bar: begin with the first result where the page was scrolled beyond it. */
function stayInSight() {
  if (examples.getBoundingClientRect().top < form.getBoundingClientRect().bottom) toExamples();
}
