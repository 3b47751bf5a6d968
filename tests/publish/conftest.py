"""A small table with hostile texts, and the run made of it once for all tests here."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo, Skipped

CLASSES = ("neg", "pos")
EPOCH = "1700000000"
HOSTILE = {
    "plain": "A small, patient film.",
    "markup": '<script>alert(1)</script> & <b onclick="x()">bold</b> "quoted"',
    "template": "{{ 7 * 7 }} {% raw %} ${HOME} %s {0}",
    "empty": "",
    "one": "Awful.",
    "rtl": "فيلم رائع جدا שלום עולם",
    "emoji": "Loved it 😀 naïve café",
    "money": "$5 and $10 well spent",
    "long-word": "x" * 300 + " done",
    "A": "upper id",
    "a": "lower id",
    "../up/../../etc": "an id like a path",
    "bidi": "safe \u202egnisrever\u202c text",
}


def prediction(id_: str, text: str, i: int, label: str | None = None) -> Prediction:
    spans = tuple((m.start(), m.end()) for m in re.finditer(r"\S+", text))
    n = len(spans)
    weights = np.arange(1, n + 1, dtype=np.float32)
    p = 0.5 + 0.49 * ((i * 7) % 13) / 13
    probabilities = np.array([1 - p, p] if i % 2 else [p, 1 - p], dtype=np.float32)
    return Prediction(
        id=id_,
        text=text,
        label=label or CLASSES[(i // 2) % 2],
        probabilities=probabilities,
        tokens=tuple(text[a:b] for a, b in spans),
        attention=weights / weights.sum() if n else weights,
        spans=spans,
        unknown=np.arange(n) % 3 == 1,
        logits=np.log(probabilities),
        extra={"topic": "film & more"},
    )


def info(**data: object) -> RunInfo:
    values = {"name": "hostile", "split": "test", "rows": 13, "evaluated": 13, **data}
    log = (
        {"epoch": 1, "train_loss": 0.7, "valid_loss": 0.6, "valid_accuracy": 0.7},
        {"epoch": 2, "train_loss": 0.5, "valid_loss": 0.5, "valid_accuracy": 0.8},
    )
    model = ModelInfo("a model", "tiny", "words", parameters=1234, training_log=log)
    return RunInfo(CLASSES, DataInfo(**values), model, seed=1)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "hostile.parquet"
    rows = [prediction(id_, text, i) for i, (id_, text) in enumerate(HOSTILE.items())]
    skipped = (Skipped("test.csv", 7, "too few fields: <2>"),)
    write_predictions(path, info(skipped=skipped, replaced_characters=2), rows, ["topic"])
    return path


@pytest.fixture(scope="session")
def finished(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the hostile table."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    reports = tmp_path_factory.mktemp("reports")
    done = pipeline.render(
        table, ReportOptions(), pipeline.Workspace(reports), pipeline.Execution()
    )
    patch.undo()
    return done.folder


def body_of(page: Path) -> str:
    """Return the page without the template that its script clones."""
    text = page.read_text()
    start, end = text.index("<template"), text.index("</template>")
    return text[:start] + text[end:]


class Page(HTMLParser):
    """The links, pictures, ids, visible text and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.attributes += values
        self.targets += [v for k in ("href", "src", "srcset") if (v := values.get(k))]
        if values.get("id"):
            self.ids.append(str(values["id"]))

    def handle_data(self, data: str) -> None:
        self.text += data


def assert_links_resolve(run: Path) -> None:
    """Every link and picture of every page of a run names a file, and every anchor exists."""
    pages = {path.name: Page(body_of(path)) for path in run.glob("*.html")}
    assert pages
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for target in page.targets:
            assert "://" not in target, target
            file, _, anchor = target.partition("#")
            assert not file or (run / file).is_file(), (name, target)
            if "=" in anchor:  # a filter, which the script reads
                assert file == ""
            elif anchor:
                assert anchor in pages[file or name].ids, (name, target)


@pytest.fixture(scope="session")
def real_predictions(real_data: Path) -> list[Prediction]:
    """Six real reviews, the longest among them, with random weights, as if predicted."""
    from reportgen.corpus.dataset import Dataset, tokenized
    from reportgen.corpus.tokenizers import get_tokenizer

    examples = Dataset.open(real_data / "imdb").read("test_200").examples
    by_length = sorted(examples, key=lambda e: len(e.text))
    chosen = [*by_length[::40], by_length[-1]]
    rng, tokenizer, made = np.random.default_rng(1), get_tokenizer("basic_english"), []
    for example in chosen:
        read = tokenized(example, tokenizer)
        n = len(read.tokens)
        weights = rng.dirichlet(np.full(n, 0.5)).astype(np.float32)
        p = np.array([0.3, 0.7], dtype=np.float32)
        made.append(
            Prediction(
                read.id, read.text, read.label, p, read.tokens, weights, read.spans,
                rng.random(n) < 0.05,
            )
        )  # fmt: skip
    return made
