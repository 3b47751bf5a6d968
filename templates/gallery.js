/* The gallery's script: find, read, hold. Sections in this order: data, cards, find, address,
   charts, read, keys, look. Data only ever becomes text nodes and attributes, never markup. */
"use strict";
(() => {
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = document.documentElement;
const gallery = $("#gallery"), found = $("#found"), list = $("#cards"), form = $("#find");
const HERE = Number(root.dataset.page), PER_PAGE = Number(root.dataset.perPage), SHOWN = 20;
const count = (number) => number.toLocaleString("en-US");

/* Data: classic scripts beside the page push what they hold, so that file:// works. */
const held = new Map();
const queue = self.reportgen || [];
self.reportgen = { push: ([name, value]) => held.set(name, value) };
queue.forEach(self.reportgen.push);
const loading = new Map();
function load(name) {
  if (!loading.has(name)) {
    loading.set(name, held.has(name) ? Promise.resolve(held.get(name)) : new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = `data/${name}.js`;
      script.onload = () => { script.remove(); done(held.get(name)); };
      script.onerror = () => { loading.delete(name); fail(new Error(`${script.src} is missing`)); };
      document.head.append(script);
    }));
  }
  return loading.get(name);
}
let all = null; // the index: one column per property, in the default order
const byName = new Map();
async function index() {
  if (!all) {
    all = await load("index");
    all.name = all.id.map((id, i) => all.name[i] || id);
    all.name.forEach((name, i) => byName.set(name, i));
  }
  return all;
}
const pageOf = (i) => Math.floor(i / PER_PAGE) + 1;
const padded = (number) => String(number).padStart(4, "0");
const pageFile = (number) => (number === 1 ? "index.html" : `page-${padded(number)}.html`);
const entry = async (i) => (await load(`cards-${padded(pageOf(i))}`))[i % PER_PAGE];
const MARK = "\x7f"; // stands around the tokens of a text
let folded = null; // every text for searching: lower case, without accents
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
async function texts() {
  await index();
  const pages = Math.ceil(all.id.length / PER_PAGE), made = new Array(all.id.length);
  let done = 0;
  const read = async (page) => {
    (await load(`cards-${padded(page)}`)).forEach((card, k) => {
      made[(page - 1) * PER_PAGE + k] = fold(card.t.replaceAll(MARK, ""));
    });
    done += 1;
    if (pages > 3) say(`reading the texts: ${Math.round((100 * done) / pages)} %`);
  };
  for (let page = 1; page <= pages; page += 8) {
    await Promise.all(Array.from({ length: Math.min(8, pages - page + 1) }, (_, k) => read(page + k)));
  }
  folded = made;
}

/* Cards: the one template of the page, filled as the template engine fills it. */
const prototype = $("#card").content.firstElementChild;
const OUTCOMES = ["confidently-wrong", "unsure-wrong", "unsure-right", "confidently-right"];
function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}
function strong(text) {
  const made = element("b");
  made.append(element("bdi", text));
  return made;
}
function head(i) {
  const card = prototype.cloneNode(true), outcome = OUTCOMES[all.outcome[i]];
  const right = outcome.endsWith("right"), gold = all.classes[all.gold[i]], said = all.classes[all.said[i]];
  const sure = all.confidence[i] / 1e6, tokens = all.tokens[i];
  card.className = `card ${outcome}${tokens > all.long ? " long" : ""}`;
  card.id = `ex-${all.name[i]}`;
  $(".mark", card).textContent = right ? "✓" : "✕";
  $(".verdict", card).textContent = (right ? "Right" : "Wrong") + (outcome.startsWith("unsure") ? ", unsure" : "");
  $(".said bdi", card).textContent = said;
  $(".sure rect + rect", card).setAttribute("width", (100 * sure).toFixed(1));
  $(".sure span", card).textContent = sure.toFixed(2);
  $(".gold bdi", card).textContent = gold;
  $(".id", card).href = `#ex-${all.name[i]}`;
  $(".id bdi", card).textContent = all.id[i];
  const picture = $(".heatmap", card);
  picture.setAttribute("src", all.single ? $(`#ex-${all.name[i]} .heatmap`, gallery).getAttribute("src") : `heatmaps/${all.name[i]}.png`);
  picture.setAttribute("height", Math.max(Math.ceil(tokens / all.columns), 1) * all.cell + all.base);
  picture.alt = `Attention heatmap: said ${said} with confidence ${sure.toFixed(2)}, label ${gold}`;
  if (tokens > all.long) $(".more", card).textContent = `Show all ${count(tokens)} tokens`;
  else $(".more", card).remove();
  return card;
}
function body(card, data) {
  const map = $(".map", card), unknown = new Set(data.u);
  const pieces = data.t.split(MARK);
  map.replaceChildren(...pieces.flatMap((text, k) => {
    if (k % 2 === 0) return text ? [document.createTextNode(text)] : [];
    const at = (k - 1) / 2, level = data.l[at], names = [];
    if (level !== "0" && level !== "-") names.push(`s${parseInt(level, 32)}`);
    if (unknown.has(at)) names.push("u");
    if (level === "-") names.push("n");
    return [element("i", text, names.join(" "))];
  }));
  if (data.t === "") map.append(element("em", "The text is empty."));
  const attended = $(".attended", card);
  if (data.a.length) {
    $(".heatmap", card).alt += `; most attended: ${data.a.map(([word]) => word).join(", ")}`;
    attended.replaceChildren("most attended ", ...data.a.flatMap(([word, weight], k) =>
      [strong(word), ` ${weight}${k < data.a.length - 1 ? " · " : ""}`]));
  } else attended.remove();
  const details = $(".gradients", card);
  if (data.g) {
    $(".ig", details).replaceChildren(...pieces.flatMap((text, k) => {
      if (k % 2 === 0) return text ? [document.createTextNode(text)] : [];
      const level = parseInt(data.g[(k - 1) / 2], 32);
      return [element("i", text, level ? `s${level}` : "")];
    }));
  } else details.remove();
  $(".counts", card).textContent = data.c;
  $(".flag", card).replaceWith(...data.f.map((flag) => element("span", flag, "flag")));
  const extra = $(".extra", card);
  extra.replaceWith(...data.x.map(([name, value]) => {
    const made = element("span", undefined, "extra");
    made.append(element("bdi", name), " ", strong(value));
    return made;
  }));
}
async function build(i) {
  const card = head(i);
  body(card, await entry(i));
  return card;
}
self.reportgen.build = async (i) => { await index(); return build(i); };

/* Find: filter and sort over the whole run. */
const BLANK = { outcome: "", gold: "", said: "", from: "", to: "", least: "", most: "", unknown: "", q: "", sort: "", p: "" };
let state = { ...BLANK };
const filtered = () => Object.entries(state).some(([key, value]) => value && key !== "p");
const say = (text) => { $("#count").textContent = text; };
function terms(query) {
  return [...query.matchAll(/"([^"]+)"?|(\S+)/g)]
    .map(([, phrase, word]) => ({ text: fold((phrase ?? word).trim()), whole: phrase !== undefined }))
    .filter((term) => term.text);
}
const LETTER = /[\p{L}\p{N}]/u;
function holds(text, { text: wanted, whole }) {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    const starts = !LETTER.test(wanted[0]) || at === 0 || !LETTER.test(text[at - 1]);
    const ends = !whole || end === text.length || !LETTER.test(wanted.at(-1)) || !LETTER.test(text[end]);
    if (starts && ends) return true;
  }
  return false;
}
function matches() {
  const wanted = terms(state.q), kept = [], ends = (key, otherwise, scale = 1) => (state[key] === "" ? otherwise : Number(state[key]) * scale);
  const from = ends("from", 0, 1e6) - 0.5, to = ends("to", 1, 1e6) * (state.to === "" ? 1e6 : 1) + 0.5;
  const least = ends("least", 0), most = ends("most", Infinity), unknown = ends("unknown", Infinity, 0.01);
  const gold = all.classes.indexOf(state.gold), said = all.classes.indexOf(state.said);
  for (let i = 0; i < all.id.length; i += 1) {
    const outcome = all.outcome[i], tokens = all.tokens[i];
    if (state.outcome === "wrong" && outcome > 1) continue;
    if (state.outcome === "right" && outcome < 2) continue;
    if (state.outcome === "unsure" && outcome !== 1 && outcome !== 2) continue;
    if (state.gold && all.gold[i] !== gold) continue;
    if (state.said && all.said[i] !== said) continue;
    if (all.confidence[i] < from || all.confidence[i] > to) continue;
    if (tokens < least || tokens > most) continue;
    if (state.unknown && (all.unknown?.[i] ?? 0) < unknown * Math.max(tokens, 1)) continue;
    if (wanted.length && !wanted.every((term) => holds(folded[i], term))) continue;
    kept.push(i);
  }
  const by = { sure: all.confidence, loss: all.chance, length: all.tokens }, key = state.sort.replace(/^-/, "");
  const up = !state.sort.startsWith("-");
  if (key === "id") kept.sort((a, b) => (all.id[a] < all.id[b] ? -1 : 1));
  else if (by[key]) kept.sort((a, b) => (up ? by[key][a] - by[key][b] : by[key][b] - by[key][a]) || a - b);
  return kept;
}
let turn = 0; // of overlapping searches the last one counts
async function show() {
  const mine = (turn += 1);
  fill();
  if (!filtered()) {
    found.hidden = true;
    if (!gallery.isConnected) found.before(gallery);
    say(root.dataset.here);
    after();
    return;
  }
  try {
    await index();
    if (state.q && !folded) await texts();
  } catch (problem) {
    say(`this cannot be shown: ${problem.message}`);
    return;
  }
  if (mine !== turn) return;
  const kept = matches(), pages = Math.max(Math.ceil(kept.length / SHOWN), 1);
  const page = Math.min(Math.max(Number(state.p) || 1, 1), pages), first = (page - 1) * SHOWN;
  const part = kept.slice(first, first + SHOWN);
  gallery.remove();
  found.hidden = false;
  say(`${count(kept.length)} of ${count(all.id.length)}`);
  $("#found-title").textContent = kept.length === 1 ? "1 example found" : `${count(kept.length)} examples found`;
  $("#found-note").textContent = kept.length ? `${count(first + 1)} to ${count(first + part.length)} shown here` : "Nothing fits. Loosen a filter, or clear them all.";
  $("#previous").hidden = page === 1;
  $("#next").hidden = page === pages;
  $("#previous").dataset.to = page - 1;
  $("#next").dataset.to = page + 1;
  const cards = part.map(head);
  list.replaceChildren(...cards);
  const pending = part.map(entry);
  for (let k = 0; k < cards.length; k += 1) {
    body(cards[k], await pending[k]);
    if (k % 5 === 4) await new Promise((done) => setTimeout(done)); // what is there can be seen
    if (mine !== turn) return;
  }
  mark();
  after();
}
function mark() {
  const wanted = terms(state.q).map((term) => term.text.split(/\s+/)).filter(([first]) => LETTER.test(first[0]));
  if (!wanted.length) return;
  $$(".map", list).forEach((map) => {
    const tokens = $$("i", map), words = tokens.map((token) => fold(token.textContent));
    words.forEach((_, at) => wanted.forEach((phrase) => {
      if (phrase.every((word, k) => words[at + k]?.startsWith(word))) phrase.forEach((_, k) => tokens[at + k].classList.add("hit"));
    }));
  });
}

/* Address: what is shown stands in the fragment, so that it can be linked, and Back works. */
const fragment = () => new URLSearchParams(Object.entries(state).filter(([, value]) => value)).toString();
let waiting = 0; // a change typed a moment ago, in the state already and not yet shown
function go(change, replace = false) {
  clearTimeout(waiting);
  state = { ...state, p: "", ...change };
  const to = fragment() ? `#${fragment()}` : location.pathname.split("/").pop() + location.search;
  history[replace ? "replaceState" : "pushState"](null, "", to);
  return show();
}
async function follow() {
  const hash = decodeURIComponent(location.hash.slice(1));
  if (hash.startsWith("ex-")) {
    if (!gallery.isConnected) { state = { ...BLANK }; await show(); }
    const card = document.getElementById(hash);
    if (card) { open(card); card.scrollIntoView(); return; }
    await index();
    const i = byName.get(hash.slice(3));
    if (i === undefined) say(`there is no example ${hash.slice(3)}`);
    else location.replace(`${pageFile(pageOf(i))}#${hash}`);
    return;
  }
  if (hash === "examples") return; // the target of the link that skips to them
  const given = hash.includes("=") ? Object.fromEntries(new URLSearchParams(location.hash.slice(1))) : {};
  const next = Object.fromEntries(Object.keys(BLANK).map((key) => [key, given[key] ?? ""]));
  if (JSON.stringify(next) !== JSON.stringify(state)) { clearTimeout(waiting); state = next; await show(); }
}
addEventListener("hashchange", follow);
addEventListener("popstate", follow);
function fill() {
  for (const [key, value] of Object.entries(state)) {
    const field = form.elements[key];
    if (field && document.activeElement !== field) field.value = value;
  }
  $$("[data-outcome]").forEach((chip) => chip.setAttribute("aria-pressed", chip.dataset.outcome === state.outcome));
  $$(".confusion a").forEach((link) => link.classList.toggle("on", filtered() && link.getAttribute("href") === `#${new URLSearchParams({ gold: state.gold, said: state.said })}`));
  $("#clear").hidden = !filtered();
  range(state.from, state.to);
}
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", ({ target }) => {
  if (!(target.name in BLANK)) return;
  clearTimeout(waiting);
  state[target.name] = target.value.trim();
  waiting = setTimeout(() => go({}, true), target.name === "q" ? 150 : 0);
});
document.addEventListener("click", ({ target }) => {
  const chip = target.closest("[data-outcome]"), turnTo = target.closest("[data-to]");
  if (chip) go({ outcome: chip.dataset.outcome });
  if (turnTo) go({ p: turnTo.dataset.to }).then(() => found.scrollIntoView());
  if (target.closest("#clear")) go({ ...BLANK });
  if (target.closest(".more")) open(target.closest(".card"), true);
  if (target.closest(".card")) current = target.closest(".card");
});

/* Charts: dragging over the histogram chooses a range of confidence. */
const histogram = $("#histogram svg"), chosen = $("#range");
const LOW = Number(histogram?.dataset.low), STEPS = Number(histogram?.dataset.bins);
function range(from, to) {
  if (!histogram) return;
  const place = (value, otherwise) => (value === "" ? otherwise : (100 * (Number(value) - LOW)) / (1 - LOW));
  const left = Math.max(place(from, 0), 0), right = Math.min(place(to, 100), 100);
  chosen.setAttribute("x", left);
  chosen.setAttribute("width", from === "" && to === "" ? 0 : Math.max(right - left, 0));
}
if (histogram) {
  let start = null;
  const at = (event) => {
    const box = histogram.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  };
  const edges = (a, b) => {
    const value = (part) => (LOW + (1 - LOW) * part / STEPS).toFixed(4).replace(/0+$/, "").replace(/\.$/, "");
    return [value(Math.floor(Math.min(a, b) * STEPS)), value(Math.max(Math.ceil(Math.max(a, b) * STEPS), Math.floor(Math.min(a, b) * STEPS) + 1))];
  };
  histogram.addEventListener("pointerdown", (event) => { start = at(event); histogram.setPointerCapture(event.pointerId); event.preventDefault(); });
  histogram.addEventListener("pointermove", (event) => { if (start !== null) range(...edges(start, at(event))); });
  histogram.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [from, to] = edges(start, at(event));
    start = null;
    go({ from, to: Number(to) >= 1 ? "" : to });
  });
}

/* Read: weights on hover and by arrow keys, folded long texts, one scale for all cards. */
const cards = () => $$(".card", found.hidden ? gallery : list);
const tip = $("#tip");
async function dataOf(card) {
  await index();
  const i = byName.get(card.id.slice(3));
  return i === undefined ? null : entry(i);
}
const weights = (data) => data.w.split(",").map((text) => (text === "" ? NaN : Number(text) / 1e5));
let pointed = null;
async function tell(token) {
  pointed?.classList.remove("here");
  pointed = token;
  if (!token) { tip.hidden = true; return; }
  token.classList.add("here");
  const card = token.closest(".card"), data = await dataOf(card);
  if (!data || token !== pointed) return;
  const tokens = $$(".map i", card), numbers = weights(data), weight = numbers[tokens.indexOf(token)];
  const rank = 1 + numbers.filter((other) => other > weight).length;
  tip.textContent = Number.isNaN(weight) ? "not read by the model"
    : `${weight.toFixed(4)}, rank ${count(rank)} of ${count(tokens.length)}${token.classList.contains("u") ? ", not in the vocabulary" : ""}`;
  const box = token.getBoundingClientRect();
  tip.hidden = false;
  tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${box.top > 40 ? box.top - tip.offsetHeight - 4 : box.bottom + 4}px`;
}
document.addEventListener("pointerover", ({ target }) => {
  const token = target.closest?.(".map i");
  if (token || !pointed?.closest(".map:focus")) tell(token);
});
document.addEventListener("focusout", () => tell(null));
addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
function step(map, key) {
  const tokens = $$("i", map), at = tokens.indexOf(pointed);
  const to = { ArrowRight: at + 1, ArrowLeft: Math.max(at - 1, 0), Home: 0, End: tokens.length - 1, m: tokens.findIndex((t) => t.matches(".s31")) }[key];
  const token = tokens[Math.min(to, tokens.length - 1)];
  if (!token) return;
  token.scrollIntoView({ block: "nearest" });
  tell(token);
}
function center(card) {
  const map = $(".map", card), frame = $(".frame", card), darkest = $(".s31", map);
  if (!darkest || card.classList.contains("open")) return;
  const above = darkest.getBoundingClientRect().top - map.getBoundingClientRect().top;
  map.scrollTop += above - map.clientHeight / 2;
  const tokens = $$("i", map), part = tokens.indexOf(darkest) / tokens.length;
  frame.scrollTop = part * $("img", frame).clientHeight - frame.clientHeight / 2;
}
function open(card, toggle = false) {
  const more = $(".more", card);
  if (!more) return;
  const now = toggle ? card.classList.toggle("open") : (card.classList.add("open"), true);
  more.dataset.closed ??= more.textContent;
  more.textContent = now ? "Show less" : more.dataset.closed;
  more.setAttribute("aria-expanded", now);
  if (!now) { center(card); card.scrollIntoView({ block: "nearest" }); }
}
async function rescale() {
  const shared = look.shading === "shared", shown = cards();
  const data = await Promise.all(shown.map(dataOf));
  const relative = data.map((one) => { const w = one ? weights(one) : []; const read = w.filter((x) => x >= 0).length; return w.map((x) => x * read); });
  const top = Math.max(1.001, ...relative.flat().filter((x) => x >= 0));
  shown.forEach((card, k) => $$(".map i", card).forEach((token, at) => {
    if (!data[k]) return;
    const own = data[k].l[at], level = own === "-" ? 0 : shared ? Math.round((31 * Math.max(relative[k][at] - 1, 0)) / (top - 1)) : parseInt(own, 32);
    token.className = [level ? `s${level}` : "", ...["u", "n", "hit"].filter((name) => token.classList.contains(name))].filter(Boolean).join(" ");
  }));
}
// A folded text is scrolled to its most attended word when it comes into view, not before: to
// measure all cards at once would lay out every text of the page.
const coming = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  if (!isIntersecting) return;
  coming.unobserve(target);
  center(target);
}));
function after() {
  cards().forEach((card) => {
    const map = $(".map", card), more = $(".more", card);
    map.tabIndex = 0;
    map.setAttribute("role", "group");
    map.setAttribute("aria-label", "Text; the arrow keys tell the weight of each word");
    if (more) {
      more.hidden = false;
      more.setAttribute("aria-expanded", card.classList.contains("open"));
      coming.observe(card);
    }
  });
  if (look.shading === "shared") rescale();
}

/* Keys. */
let current = null;
function move(by) {
  const shown = cards();
  let at = current?.isConnected ? shown.indexOf(current) : -1;
  if (at < 0 && by > 0) at = shown.findIndex((card) => card.getBoundingClientRect().top > 60) - 1;
  current = shown[Math.min(Math.max(at + by, 0), shown.length - 1)];
  $(".id", current)?.focus({ preventScroll: true });
  current?.scrollIntoView();
}
async function copy() {
  const card = current?.isConnected ? current : cards()[0];
  if (!card) return;
  await index();
  const i = byName.get(card.id.slice(3));
  const link = new URL(all.single ? `#${card.id}` : `${pageFile(pageOf(i))}#${card.id}`, location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    say(`copied the link to ${all.id[i]}`);
  } catch {
    say(link);
  }
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea"), map = event.target.closest(".map");
  if (event.key === "Escape" && typing) typing.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || typing || $("#keys").open) return;
  if (map && ["ArrowRight", "ArrowLeft", "Home", "End", "m"].includes(event.key)) step(map, event.key);
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "c") copy();
  else if (event.key === "/") form.elements.q.focus();
  else if (event.key === "?") $("#keys").showModal();
  else return;
  event.preventDefault();
});
$("#help").addEventListener("click", () => $("#keys").showModal());

/* Look: theme, view and shading are remembered where the browser allows it. */
const look = { theme: "", view: "", shading: "" };
function remember(key, value) {
  look[key] = value;
  root.dataset[key] = value;
  try { localStorage.setItem(`reportgen-${key}`, value); } catch { /* not kept */ }
}
for (const key of Object.keys(look)) {
  try { look[key] = localStorage.getItem(`reportgen-${key}`) ?? ""; } catch { /* not kept */ }
  const field = form.elements[key];
  field.value = look[key];
  root.dataset[key] = look[key];
  field.addEventListener("change", () => {
    remember(key, field.value);
    if (key === "shading") rescale();
    if (key === "view") cards().filter((card) => $(".more", card)).forEach((card) => { coming.unobserve(card); coming.observe(card); });
  });
}
form.hidden = false;
root.classList.add("js");
after();
say(root.dataset.here);
follow();
self.requestIdleCallback?.(() => index().catch(() => {}));
})();
