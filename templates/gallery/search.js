/* Search: words, their beginnings and phrases in the texts, regardless of case and accents.

   The texts come folded and split into runs (reportgen/publish/html/search.py): a word, what stands between two words,
   or a character of a script written without spaces. A text is a row of numbers of runs; a single space between two
   words goes without saying. So a term is a row of runs too, of which only the first and the last may fit in part. */

const DIGITS = Array.from({ length: 95 }, (_, k) => String.fromCharCode(32 + k)).filter((c) => !'"<\\'.includes(c));
const FIRST = 64; // of them begin a number; the others continue it
const MORE = DIGITS.length - FIRST;
const VALUES = new Uint8Array(128);
DIGITS.forEach((digit, value) => (VALUES[digit.charCodeAt(0)] = value));

// The same characters as in search.py.
const UNSPACED =
  "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u1950-\\u19ff\\u1a20-\\u1b7f\\u3005-\\u312f\\u31a0-\\u4dbf" +
  "\\u4e00-\\ua4cf\\ua980-\\ua9ff\\uaa60-\\uaadf\\uf900-\\ufaff\\uff66-\\uff9f" +
  "\\u{1b000}-\\u{1b16f}\\u{20000}-\\u{3ffff}";
const ACCENT =
  /(?=[\u0300-\u077f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f\u{e0100}-\u{e01ef}])\p{M}/gu;
const LETTER = `(?![${UNSPACED}])[\\p{L}\\p{N}]`;
const PART = `(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}]`; // of a word, after its first letter
const RUN = new RegExp(`${LETTER}(?:${PART})*|(?=[\\p{L}\\p{N}])[${UNSPACED}]|[^\\p{L}\\p{N}]+`, "gu");
const WORD = new RegExp(`^${LETTER}`, "u");
const ENDS_WITH_WORD = new RegExp(`(?:${PART})$`, "u");
const STARTS_WITH_LETTER = /^[\p{L}\p{N}]/u;

let allRuns = null; // of the texts, by their numbers
const read = new Map(); // the texts that are read, a part of the gallery each, by its number from 0 on

async function loadRuns() {
  await loadIndex();
  allRuns ??= (await load("runs")).split("A"); // no run has a capital letter
}

async function readTexts(part) {
  if (read.has(part)) return;
  const name = `texts-${padded(part + 1)}`;
  read.set(part, await load(name));
  requests.delete(name);
  pushed.delete(name);
}

const partCount = () => Math.ceil(index.id.length / index.texts);
const areTextsRead = () => allRuns && read.size === partCount();

/** Read all texts that are not read yet, as fast as can be. */
async function loadTexts() {
  const AT_ONCE = 8; // parts
  await loadRuns();
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
  await loadRuns();
  for (let part = 0; part < partCount(); part += 1) {
    await idle();
    await readTexts(part);
  }
}

// What comes over a network is read when a search is likely, not before.
form.elements.q.addEventListener("focus", () => readAhead().catch(() => {}), { once: true });
form.elements.q.addEventListener("input", () => loadTexts().catch(() => {}), { once: true });

function fold(text) {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.normalize("NFKD").replace(ACCENT, "").normalize("NFC").toLowerCase();
}

/** Split a query into its terms: whole words, beginnings of words (not*), phrases in quotes. */
function termsOf(query) {
  return [...query.matchAll(/"([^"]+)"?|(\S+)/g)]
    .map(([, phrase, word]) => {
      const isBeginning = /[\p{L}\p{N}\p{M}]\*$/u.test(word);
      return { text: fold(phrase ?? (isBeginning ? word.slice(0, -1) : word)).trim(), isBeginning };
    })
    .filter((term) => term.text);
}

/** Split a folded text into its runs but for single spaces between words. */
function runsOf(text) {
  const runs = text.match(RUN);
  return runs.filter((run, k) => !(run === " " && WORD.test(runs[k - 1]) && WORD.test(runs[k + 1])));
}

/** Return a function of a place: whether its text has every term of a query. All texts must be read. */
function searchFor(query) {
  const terms = termsOf(query).map(({ text, isBeginning }) => {
    const runs = runsOf(text);
    const sets = runs.map((run, k) => fittingRuns(run, k === 0, k === runs.length - 1, isBeginning));
    return { masks: sets.map(maskOf), codes: codesOf(sets) };
  });
  return (i) => {
    const text = read.get(Math.floor(i / index.texts))[i % index.texts];
    return terms.every(({ masks, codes }) => codes.some((code) => text.includes(code)) && contains(text, masks));
  };
}

/** Return the numbers of the runs that fit a run of a term. */
function fittingRuns(run, isFirst, isLast, isBeginning) {
  const isWord = STARTS_WITH_LETTER.test(run);
  if (isFirst && isLast && !isWord) return numbersWhere((other) => other.includes(run));
  if (isFirst && !isWord) return numbersWhere((other) => other.endsWith(run));
  if (isLast && (isBeginning || !isWord)) return numbersWhere((other) => other.startsWith(run));
  const number = allRuns.indexOf(run);
  return number < 0 ? [] : [number];
}

function numbersWhere(fits) {
  const found = [];
  for (let number = 0; number < allRuns.length; number += 1) if (fits(allRuns[number])) found.push(number);
  return found;
}

function maskOf(set) {
  const mask = new Uint8Array(allRuns.length);
  for (const number of set) mask[number] = 1;
  return mask;
}

/** Return what a text that fits has one of: the browser looks for it many times faster than a script. */
function codesOf(sets) {
  const FEW = 20;
  const fewest = sets.reduce((one, other) => (other.length < one.length ? other : one));
  return fewest.length > FEW ? [""] : fewest.map(codeOf);
}

function codeOf(number) {
  if (number < FIRST) return DIGITS[number];
  return codeOf(Math.floor((number - FIRST) / MORE)) + DIGITS[FIRST + ((number - FIRST) % MORE)];
}

let numbers = new Uint32Array(1000); // of the runs of a text

function contains(text, masks) {
  if (numbers.length < text.length) numbers = new Uint32Array(2 * text.length);
  let size = 0;
  for (let at = 0; at < text.length; at += 1) {
    const value = VALUES[text.charCodeAt(at)];
    if (value < FIRST) numbers[size++] = value;
    else numbers[size - 1] = numbers[size - 1] * MORE + value;
  }
  for (let at = 0; at <= size - masks.length; at += 1) {
    let length = 0;
    while (length < masks.length && masks[length][numbers[at + length]]) length += 1;
    if (length === masks.length) return true;
  }
  return false;
}

/** A pattern of what a term fits in a folded text. */
function patternOf({ text, isBeginning }) {
  const before = WORD.test(text) ? `(?<!${PART})` : "";
  const after = ENDS_WITH_WORD.test(text) && !isBeginning ? `(?!${PART})` : "";
  return new RegExp(before + text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") + after, "gu");
}

/** Underline in the results what was searched for: every token that a part of it stands in. */
function highlight() {
  const patterns = termsOf(state.q).map(patternOf);
  if (!patterns.length) return;
  for (const map of $$(".map", resultCards)) {
    const pieces = [...map.childNodes].map((node) => [node, fold(node.textContent)]);
    const text = pieces.map(([, folded]) => folded).join("");
    const hits = patterns.flatMap((pattern) => [...text.matchAll(pattern)]);
    const found = hits.map((hit) => [hit.index, hit.index + hit[0].length]);
    let end = 0;
    for (const [node, folded] of pieces) {
      const start = end;
      end += folded.length;
      if (node.tagName === "I" && found.some(([from, to]) => from < end && to > start)) node.classList.add("hit");
    }
  }
}
