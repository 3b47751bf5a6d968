/* Data: scripts beside the page push what they hold, since a page opened from a disk may load scripts but not fetch. */

const pushed = new Map(); // values by the name of their script
const early = self.reportgen || []; // what was pushed before this script ran
self.reportgen = { push: ([name, value]) => pushed.set(name, value) };
early.forEach((pair) => self.reportgen.push(pair));

const requests = new Map(); // promises by the name of the script; one that failed is asked for again

function load(name) {
  if (!requests.has(name)) requests.set(name, pushed.has(name) ? Promise.resolve(pushed.get(name)) : request(name));
  return requests.get(name);
}

function request(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `data/${name}.js`;
    script.onload = () => {
      script.remove();
      resolve(pushed.get(name));
      if (!requests.has(name)) pushed.delete(name); // it is no longer kept
    };
    script.onerror = () => {
      requests.delete(name);
      reject(new Error(`${script.src} is missing`));
    };
    document.head.append(script);
  });
}

let index = null; // a column per property, one value per example, in the order of the gallery
const places = new Map(); // from an example's name to its place in the columns

async function loadIndex() {
  if (index) return;
  const columns = await load("index");
  columns.name = columns.id.map((id, i) => columns.name[i] || id);
  columns.name.forEach((name, i) => places.set(name, i));
  index = columns;
}

const PER_PAGE = Number(root.dataset.perPage);
const pageOf = (i) => Math.floor(i / PER_PAGE) + 1;
const padded = (number) => String(number).padStart(4, "0");
const pageFile = (number) => (number === 1 ? "index.html" : `page-${padded(number)}.html`);

const KEPT = 24; // scripts whose values are kept; older ones are read again when they are needed

/** What the cards of a page show beyond the index. */
function loadPage(number) {
  const name = `cards-${padded(number)}`;
  const request = load(name);
  requests.delete(name);
  requests.set(name, request); // the newest is the last
  for (const oldest of requests.keys()) {
    if (requests.size <= KEPT || index?.single) break; // of a single file nothing can be read again
    requests.delete(oldest);
    pushed.delete(oldest);
  }
  return request;
}
const loadExample = async (i) => (await loadPage(pageOf(i)))[i % PER_PAGE];

/** Where the example of a card stands in the index; undefined if it is not there. */
const placeOf = (card) => places.get(card.id.slice("ex-".length));

/** What a reading shows beyond the index. */
async function exampleOf(reading) {
  await loadIndex();
  const card = reading.closest(".card");
  const i = placeOf(card);
  if (i === undefined) return null;
  return partsOf(await loadExample(i))[readingsOf(card).indexOf(reading)];
}

/** What the readings of a card show: of a report one part, which is the example itself. */
const partsOf = (example) => example.readings ?? [example];

/** The columns of what each reading shows: of a report those of the index. */
const tablesOf = () => index.runs ?? [index];

/** Whether the weights of an example are attributions; the runs of a comparison may differ in that. */
const isSigned = (example) => example.signed ?? index.signed;

/** The weights of an example's tokens, or of the cells of its heatmap; NaN where the model did not read. */
function weightsOf(example, tokens = example) {
  const unit = isSigned(example) ? 1 : 1e-6;
  return tokens.weights.split(",").map((text) => (text === "" ? NaN : Number(text) * unit));
}
