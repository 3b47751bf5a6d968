/* Histogram: dragging over it chooses a range of confidence, from the edge of one bin to the edge of another. */

const histogram = $("#histogram svg"); // only the first page has one
const LOW = Number(histogram?.dataset.low); // the confidence at its left edge; 1 at its right
const BINS = Number(histogram?.dataset.bins);

function showRange(from, to) {
  if (!histogram) return;
  const percent = (confidence) => (100 * (Number(confidence) - LOW)) / (1 - LOW);
  const left = from === "" ? 0 : Math.max(percent(from), 0);
  const right = to === "" ? 100 : Math.min(percent(to), 100);
  const isChosen = from !== "" || to !== "";
  $("#range").setAttribute("x", left);
  $("#range").setAttribute("width", isChosen ? Math.max(right - left, 0) : 0);
}

/** The confidences at the edges of the bins around two points, each a part of the width. */
function edgesAround(a, b) {
  const first = Math.floor(Math.min(a, b) * BINS);
  const last = Math.max(Math.ceil(Math.max(a, b) * BINS), first + 1);
  const confidenceAt = (bin) => String(Number((LOW + ((1 - LOW) * bin) / BINS).toFixed(4)));
  return [confidenceAt(first), confidenceAt(last)];
}

function makeDraggable() {
  let start = null; // where the drag began
  const partAt = (event) => {
    const box = histogram.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  histogram.addEventListener("pointerdown", (event) => {
    start = partAt(event);
    histogram.setPointerCapture(event.pointerId);
  });
  histogram.addEventListener("pointermove", (event) => {
    if (start !== null) showRange(...edgesAround(start, partAt(event)));
  });
  histogram.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [from, to] = edgesAround(start, partAt(event));
    start = null;
    go({ from, to: Number(to) >= 1 ? "" : to }, { arrive: () => toExamples(true) });
  });
  histogram.addEventListener("pointercancel", () => {
    start = null; // a finger scrolls the page
    showRange(state.from, state.to);
  });
}

if (histogram) makeDraggable();
