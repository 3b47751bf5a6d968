/* Hints: what is wider than its place fades out on the side where it goes on. */

function hint(box) {
  box.classList.toggle("goes-on", box.scrollWidth - box.clientWidth - Math.abs(box.scrollLeft) > 2);
}

const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => hint(target)));
for (const box of $$(".scroll")) {
  resized.observe(box);
  box.addEventListener("scroll", () => hint(box), { passive: true });
}
