/* Search: words and phrases in the texts, regardless of case and accents. */

let folded = null; // every text as it is searched; the first search reads them all
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

async function loadTexts() {
  const AT_ONCE = 8; // pages
  const pages = Math.ceil(index.id.length / PER_PAGE);
  const texts = new Array(index.id.length);
  let finished = 0;
  const read = async (page) => {
    const examples = await loadPage(page);
    examples.forEach((example, k) => {
      texts[(page - 1) * PER_PAGE + k] = fold(example.text.replaceAll(BETWEEN, ""));
    });
    finished += 1;
    if (pages > 3) announce(`reading the texts: ${Math.round((100 * finished) / pages)} %`);
  };
  for (let page = 1; page <= pages; page += AT_ONCE) {
    const group = Array.from({ length: Math.min(AT_ONCE, pages - page + 1) }, (_, k) => read(page + k));
    await Promise.all(group);
  }
  folded = texts;
}

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
