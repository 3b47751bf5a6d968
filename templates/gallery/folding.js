/* Folding: a long text shows a part around its strongest word until it is opened; a telephone hides heatmaps. */

/** Open a folded card, or with toggle also close an open one. */
function unfold(card, toggle = false) {
  const more = $(".more", card);
  if (!more) return;
  const isOpen = !toggle || !card.classList.contains("open");
  card.classList.toggle("open", isOpen);
  more.dataset.closed ??= more.textContent;
  more.textContent = isOpen ? "Show less" : more.dataset.closed;
  more.setAttribute("aria-expanded", isOpen);
  markCuts(card);
  if (isOpen) return;
  center(card);
  card.scrollIntoView({ block: "nearest" });
}

/** Scroll a folded text and its heatmap to what was searched for, or to the strongest word. */
function center(card) {
  if (card.classList.contains("open")) return;
  readingsOf(card).forEach(centerReading);
  markCuts(card);
}

function centerReading(reading) {
  const map = $(".map", reading);
  const darkest = $(".hit", map) ?? strongestIn(map);
  if (!darkest) return;
  const above = darkest.getBoundingClientRect().top - map.getBoundingClientRect().top;
  map.scrollTop += above - map.clientHeight / 2;
  centerHeatmap(reading);
}

/** Mark a folded text, and its heatmap, where it goes on above or below what is shown of it. */
function markCuts(card) {
  for (const part of $$(".map, .frame", card)) {
    const hidden = part.scrollHeight - part.clientHeight;
    part.classList.toggle("cut-above", hidden > 2 && part.scrollTop > 2);
    part.classList.toggle("cut-below", hidden > 2 && part.scrollTop < hidden - 2);
  }
}

// A text is centered when it comes into view, not before: to measure all cards at once would lay out every text.
const comingIntoView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    comingIntoView.unobserve(target);
    center(target);
  }
});

function centerWhenSeen(card) {
  comingIntoView.unobserve(card);
  comingIntoView.observe(card);
}

/** Give the shown cards what only a page with its script can do. */
function prepareCards() {
  for (const card of shownCards()) {
    for (const map of $$(".map", card)) {
      map.tabIndex = 0;
      map.setAttribute("role", "group");
      map.setAttribute("aria-label", "Text; the arrow keys show the weight of each word");
    }
    comingNear.observe(card);
    const more = $(".more", card);
    if (!more) continue;
    more.hidden = false;
    more.setAttribute("aria-expanded", card.classList.contains("open"));
    comingIntoView.observe(card);
  }
  if (isReshaded()) shade();
}

/** On a narrow screen: show the heatmap of a card, or hide it again. */
function toggleHeatmap(button) {
  const isShown = button.closest(".card").classList.toggle("pictured");
  button.setAttribute("aria-expanded", isShown);
}

document.addEventListener("scroll", ({ target }) => {
  if (target.matches?.(".map, .frame")) markCuts(target.closest(".card"));
}, { capture: true, passive: true });

document.addEventListener("click", ({ target }) => {
  if (target.closest(".show-heatmap")) toggleHeatmap(target.closest(".show-heatmap"));
  if (target.closest(".more")) unfold(target.closest(".card"), true);
});
