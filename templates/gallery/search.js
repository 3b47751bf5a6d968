/* Search: words and phrases in the texts, regardless of case and accents. */

let folded = null; // every text as it is searched, once all are read
const texts = []; // those read so far
let unread = null; // the pages of the others
const beingRead = new Set(); // promises

function fold(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase(); // most texts, and ten times faster
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Read the texts of one more page. */
function readNext() {
  const page = unread.pop();
  const reading = readTexts(page).finally(() => beingRead.delete(reading));
  beingRead.add(reading);
  return reading;
}

async function readTexts(page) {
  try {
    const examples = await loadPage(page);
    examples.forEach((example, k) => {
      texts[(page - 1) * PER_PAGE + k] = fold(example.text.replaceAll(BETWEEN, ""));
    });
  } catch (problem) {
    unread.push(page);
    throw problem;
  }
}

async function startReading() {
  await loadIndex();
  unread ??= Array.from({ length: Math.ceil(index.id.length / PER_PAGE) }, (_, k) => k + 1).reverse();
}

/** Read all texts that are not read yet, as fast as can be. */
async function loadTexts() {
  const AT_ONCE = 8; // pages
  await startReading();
  const pages = unread.length;
  const readOn = async () => {
    while (unread.length) {
      await readNext();
      if (pages > 3) announce(`reading the texts: ${Math.round(100 * (1 - unread.length / pages))} %`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  await Promise.all(beingRead);
  folded = texts;
}

const idle = () => new Promise((resolve) => (self.requestIdleCallback ?? setTimeout)(resolve));

/** Read the texts page by page while nothing else happens, so that the first search answers at once. */
async function readAhead() {
  await startReading();
  while (unread.length) {
    await idle();
    if (unread.length) await readNext();
  }
}

// What comes over a network is read when a search is likely, not before.
form.elements.q.addEventListener("focus", () => readAhead().catch(() => {}), { once: true });

/** Split a query into its terms: a word fits the beginning of a word, a phrase in quotes only whole words. */
function termsOf(query) {
  return [...query.matchAll(/"([^"]+)"?|(\S+)/g)]
    .map(([, phrase, word]) => ({ text: fold((phrase ?? word).trim()), whole: phrase !== undefined }))
    .filter((term) => term.text);
}

const LETTER = /[\p{L}\p{N}]/u;

function contains(text, { text: term, whole }) {
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + 1)) {
    const end = at + term.length;
    const starts = !LETTER.test(term[0]) || at === 0 || !LETTER.test(text[at - 1]);
    const ends = !whole || end === text.length || !LETTER.test(term.at(-1)) || !LETTER.test(text[end]);
    if (starts && ends) return true;
  }
  return false;
}

/** Underline in the results what was searched for. */
function highlight() {
  const phrases = termsOf(state.q)
    .map((term) => term.text.split(/\s+/))
    .filter(([first]) => LETTER.test(first[0]));
  if (!phrases.length) return;
  for (const map of $$(".map", resultCards)) {
    const tokens = $$("i", map);
    const words = tokens.map((token) => fold(token.textContent));
    for (let at = 0; at < words.length; at += 1) {
      for (const phrase of phrases) {
        if (!phrase.every((word, k) => words[at + k]?.startsWith(word))) continue;
        phrase.forEach((_, k) => tokens[at + k].classList.add("hit"));
      }
    }
  }
}
