/* Address: the state stands in the fragment of the address, so that a view can be linked, and Back works. */

let typing = 0; // the timer of a change that is in the state already but not yet shown

function addressOf(chosen) {
  const fragment = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value)).toString();
  return fragment ? `#${fragment}` : location.pathname.split("/").pop() + location.search;
}

/** Change the state, the address with it, and show what now matches; with arrive, go to it. */
function go(change, { replace = false, arrive = stayInSight } = {}) {
  clearTimeout(typing);
  state = { ...state, p: "", ...change };
  history[replace ? "replaceState" : "pushState"](null, "", addressOf(state));
  return show(arrive);
}

/** Show what the address says. */
async function follow(arrive) {
  const fragment = location.hash.slice(1);
  if (fragment.startsWith("ex-")) {
    await followExample(fragment);
    return;
  }
  if (fragment === "examples") return; // the target of the link that skips to them
  const isPlace = fragment && !fragment.includes("="); // as a section of the gallery
  const given = isPlace ? {} : Object.fromEntries(new URLSearchParams(fragment));
  const next = Object.fromEntries(Object.keys(BLANK).map((key) => [key, given[key] ?? ""]));
  for (const key of Object.keys(LOOK)) next[key] = offered(key, given[key]) ?? recall(key);
  const isSame = addressOf(next) === addressOf(state);
  if (!isPlace && addressOf(next) !== location.hash) history.replaceState(null, "", addressOf(next));
  if (isSame) return;
  clearTimeout(typing);
  state = next;
  await show(isFiltered() ? arrive : undefined);
  if (isPlace) document.getElementById(fragment)?.scrollIntoView();
}

async function followExample(id) {
  if (!gallery.isConnected) {
    state = { ...state, ...BLANK };
    await show();
  }
  const card = document.getElementById(id);
  if (card) {
    unfold(card);
    card.scrollIntoView();
    return;
  }
  await loadIndex();
  const name = id.slice("ex-".length);
  const i = places.get(name);
  if (i === undefined) announce(`there is no example ${name}`);
  else location.replace(`${pageFile(pageOf(i))}#${id}`);
}

addEventListener("popstate", () => follow());
