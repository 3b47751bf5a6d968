/* Keys: from card to card, the search, and the list of keys. */

let current = null; // the card that was reached by key or clicked last

function move(by) {
  const cards = shownCards();
  let at = current?.isConnected ? cards.indexOf(current) : -1;
  if (at < 0 && by > 0) at = cards.findIndex((card) => card.getBoundingClientRect().top > 60) - 1;
  current = cards[Math.min(Math.max(at + by, 0), cards.length - 1)];
  if (!current) return;
  $(".id", current).focus({ preventScroll: true });
  current.scrollIntoView();
}

async function copyLink() {
  const card = current?.isConnected ? current : shownCards()[0];
  if (!card) return;
  await loadIndex();
  const i = placeOf(card);
  const page = index.single ? undefined : pageFile(pageOf(i));
  await copy(linkTo(`#${card.id}`, page), `copied the link to ${index.id[i]}`);
}

/** A link that others can follow: from a disk it names a file of the report, since nobody else has it at this place. */
function linkTo(fragment, page = location.pathname.split("/").pop()) {
  return location.protocol === "file:" ? page + fragment : new URL(page + fragment, location.href).href;
}

async function copy(link, done) {
  try {
    await navigator.clipboard.writeText(link);
    announce(done);
  } catch {
    announce(link);
  }
}

const showKeys = () => $("#keys").showModal();

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  c: copyLink,
  "/": () => form.elements.q.focus(),
  "?": showKeys,
};

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, select, textarea");
  const map = event.target.closest(".map");
  if (event.key === "Escape" && field) field.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || field || $("#keys").open) return;
  if (map && isWeighted && STEPS.includes(event.key)) step(map, event.key);
  else if (Object.hasOwn(ACTIONS, event.key)) ACTIONS[event.key]();
  else return;
  event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest(".card")) current = target.closest(".card");
});
$("#help").addEventListener("click", showKeys);
