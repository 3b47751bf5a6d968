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
  if (isOpen) return;
  center(card);
  card.scrollIntoView({ block: "nearest" });
}

/** Scroll a folded text and its heatmap to the strongest word. */
function center(card) {
  const map = $(".map", card);
  const frame = $(".frame", card);
  const darkest = $(STRONGEST, map);
  if (!darkest || card.classList.contains("open")) return;
  const above = darkest.getBoundingClientRect().top - map.getBoundingClientRect().top;
  map.scrollTop += above - map.clientHeight / 2;
  const tokens = $$("i", map);
  const part = tokens.indexOf(darkest) / tokens.length;
  frame.scrollTop = part * $("img", frame).clientHeight - frame.clientHeight / 2;
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
  const token = root.dataset.called ?? "word";
  for (const card of shownCards()) {
    const map = $(".map", card);
    map.tabIndex = 0;
    map.setAttribute("role", "group");
    map.setAttribute("aria-label", isWeighted ? `Text; the arrow keys show the weight of each ${token}` : "Text");
    const more = $(".more", card);
    if (!more) continue;
    more.hidden = false;
    more.setAttribute("aria-expanded", card.classList.contains("open"));
    comingIntoView.observe(card);
  }
  if (look.shading === "shared" || chosenHead()) shade();
}

/** On a narrow screen: show the heatmap of a card, or hide it again. */
function toggleHeatmap(button) {
  const isShown = button.closest(".card").classList.toggle("pictured");
  button.setAttribute("aria-expanded", isShown);
}

document.addEventListener("click", ({ target }) => {
  if (target.closest(".show-heatmap")) toggleHeatmap(target.closest(".show-heatmap"));
  if (target.closest(".more")) unfold(target.closest(".card"), true);
});
