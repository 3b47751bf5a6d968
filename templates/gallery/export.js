/* Export: the examples that match, with their texts, as a CSV file that a spreadsheet opens safely. */

// What a spreadsheet would take for a formula gets an apostrophe, as in reportgen/publish/tables.py.
const SIGNS = "=+@\\-\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b";
const FORMULA = new RegExp(`^'*(?:[\\t\\r\\n]|[\\s\\x1c-\\x1f\\x85\\ufeff\\u200b]*[${SIGNS}])`);

function csvCell(value) {
  const text = FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const csvLine = (cells) => `${cells.map(csvCell).join(",")}\r\n`;

const COLUMNS = [
  "id", "label", "predicted", "correct", "confidence", "probability_of_label", "outcome", "tokens", "flags",
];

async function exportCsv() {
  await loadIndex();
  if (state.q && !areTextsRead()) await loadTexts();
  const matching = matches();
  const texts = await readExamples(matching);
  const names = index.extra.map(({ name }) => name);
  const further = names.map((name) => `extra.${name}`);
  const head = [...(index.runs ? comparedColumns() : COLUMNS), ...further, "text", "card"];
  const columns = index.runs ? comparedColumns : columnsOf;
  const lines = matching.map((i) =>
    csvLine([...columns(i), ...names.map((_, k) => extraOf(i, k)), texts.get(i), cardOf(i)])
  );
  saveFile(`examples-${index.run}.csv`, [csvLine(head), ...lines], "text/csv;charset=utf-8");
  announce(`saved ${count(matching.length)} of ${count(index.id.length)} as CSV`);
}

function columnsOf(i) {
  const label = index.label[i] === null ? "" : index.classes[index.label[i]];
  const predicted = index.classes[index.predicted[i]];
  const isRight = index.label[i] === index.predicted[i] ? "yes" : "no";
  const share = index.labelProbability[i];
  return [
    index.id[i],
    label,
    predicted,
    index.label[i] === null ? "" : isRight,
    (index.confidence[i] / 1e6).toFixed(6),
    share === null ? "" : (share / 1e6).toFixed(6),
    index.outcomes[index.outcome[i]],
    index.tokens[i],
    index.flags.filter((_, k) => index.flag[i] & (1 << k)).join("; "),
  ];
}

const extraOf = (i, k) => index.extra[k].values[index.extra[k].places[i]] ?? "";
const cardOf = (i) => `${index.single ? "report.html" : pageFile(pageOf(i))}#ex-${index.name[i]}`;

/** The texts of these examples; each page is read once, in whatever order they stand. */
async function readExamples(matching) {
  const texts = new Map();
  const inOrder = [...matching].sort((a, b) => a - b);
  for (const [k, i] of inOrder.entries()) {
    if (k % 100 === 0) announce(`reading the texts: ${Math.round((100 * k) / inOrder.length)} %`);
    const [first] = partsOf(await loadExample(i));
    texts.set(i, first.text.replaceAll(BETWEEN, ""));
  }
  return texts;
}

$("#csv").addEventListener("click", async ({ currentTarget: button }) => {
  button.disabled = true; // a second click would read everything again
  await exportCsv().catch((problem) => announce(`this cannot be saved: ${problem.message}`));
  button.disabled = false;
});
