/* The table of runs, sorted by the head that is chosen; the order stands in the fragment of the address. */
(() => {
"use strict";

const table = document.getElementById("runs");
const body = table.tBodies[0];
const heads = [...table.tHead.rows[0].cells].filter((head) => head.dataset.key);
const collator = new Intl.Collator("en", { numeric: true });

/** Compare two rows by a column; one without a value stands last in either order. */
function comparison(head, descending) {
  const { cellIndex } = head;
  const numeric = head.dataset.kind === "number";
  const sign = descending ? -1 : 1;
  const key = (row) => row.cells[cellIndex].dataset.sort;
  return (a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === "" || y === "") return (x === "") - (y === "");
    return sign * (numeric ? x - y : collator.compare(x, y));
  };
}

function sort(head, descending) {
  for (const other of heads) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  body.append(...[...body.rows].sort(comparison(head, descending)));
}

/** Numbers and dates begin with the largest, names with the first; choosing again turns the order round. */
function choose(head) {
  const before = head.getAttribute("aria-sort");
  const descending = before ? before === "ascending" : head.dataset.kind !== "text";
  sort(head, descending);
  const fragment = new URLSearchParams({ sort: head.dataset.key, order: descending ? "descending" : "ascending" });
  history.replaceState(null, "", `#${fragment}`);
}

function follow() {
  const given = new URLSearchParams(location.hash.slice(1));
  const head = heads.find(({ dataset }) => dataset.key === given.get("sort"));
  if (head) sort(head, given.get("order") === "descending");
}

for (const head of heads) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  button.addEventListener("click", () => choose(head));
  head.append(button);
}
addEventListener("hashchange", follow);
follow();
})();
