/* Search: words and phrases in the texts, regardless of case and accents.

   The texts come folded and split into runs (reportgen/publish/html/search.py): a word, what stands between two words,
   or a character of a script written without spaces. A text is a row of numbers of runs; a single space between two
   words goes without saying. So a term is a row of runs too, of which only the first and the last may fit in part. */

const DIGITS = Array.from({ length: 95 }, (_, k) => String.fromCharCode(32 + k)).filter((c) => !'"<\\'.includes(c));
const FIRST = 64; // of them begin a number; the others continue it
const VALUES = new Uint8Array(128);
DIGITS.forEach((digit, value) => (VALUES[digit.charCodeAt(0)] = value));

const UNSPACED =
  "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff" +
  "\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const LETTER = `(?![${UNSPACED}])[\\p{L}\\p{N}]`;
const RUN = new RegExp(`(?:${LETTER})+|(?=[\\p{L}\\p{N}])[${UNSPACED}]|[^\\p{L}\\p{N}]+`, "gu");
const WORD = new RegExp(`^${LETTER}`, "u");
const STARTS_WITH_LETTER = /^[\p{L}\p{N}]/u;

const read = new Map(); // the texts that are read, a part of the gallery each, by its number from 0 on

/** Read the texts of a part. Places are in `numbers`: text k stands from starts[k] to starts[k + 1]. */
async function readTexts(part) {
  if (read.has(part)) return;
  const name = `texts-${padded(part + 1)}`;
  const { runs, texts } = await load(name);
  if (!read.has(part)) read.set(part, { runs: runs.split(BETWEEN), ...numbersOf(texts) });
  requests.delete(name);
  pushed.delete(name);
}

function numbersOf(texts) {
  const numbers = new Uint32Array(texts.reduce((length, text) => length + text.length, 0));
  const starts = new Uint32Array(texts.length + 1);
  let size = 0;
  texts.forEach((text, k) => {
    for (let at = 0; at < text.length; at += 1) {
      const value = VALUES[text.charCodeAt(at)];
      if (value < FIRST) numbers[size++] = value;
      else numbers[size - 1] = numbers[size - 1] * (DIGITS.length - FIRST) + value;
    }
    starts[k + 1] = size;
  });
  return { numbers: numbers.slice(0, size), starts };
}

const partCount = () => Math.ceil(index.id.length / index.texts);
const areTextsRead = () => index && read.size === partCount();

/** Read all texts that are not read yet, as fast as can be. */
async function loadTexts() {
  const AT_ONCE = 8; // parts
  await loadIndex();
  let next = 0;
  const readOn = async () => {
    while (next < partCount()) {
      await readTexts(next++);
      if (!areTextsRead()) announce(`reading the texts: ${Math.round((100 * read.size) / partCount())} %`);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, readOn));
  const failed = ends.find((end) => end.reason);
  if (failed) throw failed.reason; // now, when nothing is announced after it
}

const idle = () => new Promise((resolve) => (self.requestIdleCallback ?? setTimeout)(resolve));

/** Read the texts part by part while nothing else happens, so that the first search answers at once. */
async function readAhead() {
  await loadIndex();
  for (let part = 0; part < partCount(); part += 1) {
    await idle();
    await readTexts(part);
  }
}

// What comes over a network is read when a search is likely, not before.
form.elements.q.addEventListener("focus", () => readAhead().catch(() => {}), { once: true });

function fold(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Split a query into its terms: a word fits the beginning of a word, a phrase in quotes only whole words. */
function termsOf(query) {
  return [...query.matchAll(/"([^"]+)"?|(\S+)/g)]
    .map(([, phrase, word]) => ({ text: fold(phrase ?? word).trim(), whole: phrase !== undefined }))
    .filter((term) => term.text);
}

/** Split a folded text into its runs but for single spaces between words. */
function runsOf(text) {
  const runs = text.match(RUN);
  return runs.filter((run, k) => !(run === " " && WORD.test(runs[k - 1]) && WORD.test(runs[k + 1])));
}

/** Return whether the text of a place has every term of a query. All texts must be read. */
function searchFor(query) {
  const terms = termsOf(query).map(({ text, whole }) => {
    const runs = runsOf(text);
    return runs.map((run, k) => fitting(run, k === 0, k === runs.length - 1, whole));
  });
  const found = new Map(); // by part, for each term and run of it which of the part's runs fit
  return (i) => {
    const number = Math.floor(i / index.texts);
    const part = read.get(number);
    if (!found.has(number)) found.set(number, terms.map((fits) => fits.map((fit) => maskOf(part.runs, fit))));
    return found.get(number).every((masks) => contains(part, i % index.texts, masks));
  };
}

/** Return whether a run of a text fits a run of a term. Words begin where the term's do. */
function fitting(run, isFirst, isLast, whole) {
  const isWord = STARTS_WITH_LETTER.test(run);
  if (isFirst && isLast && !isWord) return (other) => other.includes(run);
  if (isFirst && !isWord) return (other) => other.endsWith(run);
  if (isLast && !(isWord && whole)) return (other) => other.startsWith(run);
  return (other) => other === run;
}

function maskOf(runs, fits) {
  const mask = new Uint8Array(runs.length);
  runs.forEach((run, k) => (mask[k] = fits(run)));
  return mask;
}

function contains({ numbers, starts }, k, masks) {
  const end = starts[k + 1] - masks.length;
  for (let at = starts[k]; at <= end; at += 1) {
    let length = 0;
    while (length < masks.length && masks[length][numbers[at + length]]) length += 1;
    if (length === masks.length) return true;
  }
  return false;
}

/** Underline in the results what was searched for. */
function highlight() {
  const phrases = termsOf(state.q)
    .map((term) => term.text.split(/\s+/))
    .filter(([first]) => STARTS_WITH_LETTER.test(first));
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
