"""Runs that the browser opens, and the browser."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from reportgen import pipeline
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.heatmaps import Drawn
from reportgen.records import Prediction
from tests.publish.conftest import finished, info, prediction, table
from tests.publish.small import COLUMNS, INFO
from tests.publish.unlabelled import MIXED, NONE

__all__ = ["finished", "table"]

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 90_000  # milliseconds; nothing waits longer than it must
expect.set_options(timeout=PATIENCE / 3)
LONG_WORD = "w" * 100_000
# Each card of the page as the template wrote it, and as the script makes it; between elements white
# space means nothing.
CARDS = """async source => {
    const squeeze = html => html.replace(/<noscript>.*?<\\/noscript>/gs, "").replace(/\\s+/g, " ")
        .replace(/> </g, "><").replace(/ </g, "<").replace(/> /g, ">");
    const plain = new DOMParser().parseFromString(source, "text/html");
    const cards = [...plain.querySelectorAll("#gallery article")];
    const made = [];
    for (let i = 0; i < cards.length; i += 1) {
        const card = await self.reportgen.build(i);
        made.push([squeeze(cards[i].outerHTML), squeeze(card.outerHTML)]);
    }
    return made;
}"""
# As JSON says them; what is illegal in a page reads as U+FFFD.
HOSTILE_JSON = {
    "script": r"</script><script>document.title='run'</script>",
    "image": r"<img src=x onerror=\"document.title='run'\"> http://127.0.0.1:9/ask",
    "entity": r"&lt;b&gt; &amp; &#60; \u003cb\u003e",
    "template": r"{{ 7 * 7 }} ${location} {% include 'x' %} <%= 1 %>",
    "lines": r"one\u2028two\u2029three\u0085four",
    "null": r"be\u0000fore \u0007 bell \u007f rubout",
    "surrogate": r"lone \ud800 high and \udc00 low",
    "bidi": r"safe \u202egnisrever\u202c and \u2067isolated",
    "comment": r"<!-- --> <![CDATA[ ]]> <?php ?>",
    "style": r"</style><style>*{display:none}</style>",
    "javascript": r"javascript:alert(1) data:text/html,<b>x</b>",
    "quotes": r"\" ' ` \\ \\\" \\u003c",
    "long": LONG_WORD + " end",
    "nothing": "",
    "combining": r"e\u0301\u0301\u0301 \u200b zero \ufeff width",
}


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(play: Playwright, chromium: str) -> Iterator[BrowserContext]:
    with tempfile.TemporaryDirectory() as profile:
        context = play.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=FLAGS
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context
        context.close()


@pytest.fixture
def scriptless(play: Playwright, chromium: str) -> Iterator[Page]:
    """A page of a browser that runs no script."""
    with tempfile.TemporaryDirectory() as profile:
        context = play.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=FLAGS, java_script_enabled=False
        )
        yield context.new_page()
        context.close()


@pytest.fixture
def look(browser: BrowserContext) -> Iterator[Any]:
    """Open a file as a double-click does; what goes wrong and what is asked is kept."""
    opened: list[Page] = []

    def go(path: Path, fragment: str = "") -> Any:
        page: Any = browser.new_page()
        page.set_default_timeout(PATIENCE)
        opened.append(page)
        page.problems, page.requests = [], []
        page.on("console", lambda message: page.problems.append(message.text))
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("requestfailed", lambda request: page.problems.append(request.url))
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("dialog", lambda dialog: page.problems.append(dialog.message))
        page.goto(path.as_uri() + fragment)
        return page

    yield go
    for page in opened:
        page.evaluate("try { localStorage.clear() } catch {}")
        page.close()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of a JSON Lines table of hostile texts, labels, ids and names."""
    folder = tmp_path_factory.mktemp("hostile")
    head = {"classes": ["<b>no</b>", 'yes & "no"'], "data": {"name": "hostile <i>"}}
    lines = [json.dumps({"reportgen.run": head})]
    for i, (id_, text) in enumerate(HOSTILE_JSON.items()):
        words = json.loads(f'"{text}"', strict=False).split()
        fields = {
            "id": f"{id_} <u>&",
            "label": head["classes"][i % 2],
            "probabilities": [0.3 + 0.03 * i, 0.7 - 0.03 * i],
            "tokens": words,
            "attention": [1 / max(len(words), 1)] * len(words),
            "extra.<script>": "</script>",
        }
        lines.append(f'{{"text": "{text}", {json.dumps(fields)[1:]}')
    source = folder / "hostile.jsonl"
    source.write_text("\n".join(lines), encoding="utf-8")
    return rendered(source, folder, experiment="hostile", single_file=True)


@pytest.fixture(scope="session")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 230 examples on three pages; one in seven is long."""
    folder = tmp_path_factory.mktemp("paged")
    rows = []
    for i in range(230):
        words = f"review number {i} says the café was {'dull' if i % 3 else 'very fine'} indeed"
        rows.append(prediction(f"r-{i:03}", words + " and on" * (150 * (i % 7 == 0)), i))
    write_predictions(
        folder / "p.parquet", info(name="paged", rows=230, evaluated=230), rows, ["topic"]
    )
    return rendered(folder / "p.parquet", folder, single_file=True)


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of sample reviews, half of them explained."""
    return pipeline.run(
        pipeline.DataOptions(limit=16),
        pipeline.PredictOptions(explain=8, device="cpu"),
        ReportOptions(pdf_examples=1, single_file=True),
        pipeline.Workspace(tmp_path_factory.mktemp("explained")),
        pipeline.Execution(),
    ).folder


@pytest.fixture(scope="session")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a table without labels."""
    return _of_small(tmp_path_factory.mktemp("unlabelled"), NONE)


@pytest.fixture(scope="session")
def partly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a table of which every fourth example has a label."""
    return _of_small(tmp_path_factory.mktemp("partly"), MIXED)


def _of_small(folder: Path, rows: Sequence[Prediction]) -> Path:
    write_predictions(folder / "t.parquet", INFO, rows, ["topic"], COLUMNS)
    return rendered(folder / "t.parquet", folder, single_file=True)


def cards_made_alike(look: Any, file: Path) -> int:
    """Assert that the script makes every card of a page as the template does; count them."""
    page = look(file)
    pairs = page.evaluate(CARDS, file.read_text())
    for template, script in pairs:
        assert script == template
    assert page.problems == []
    return len(pairs)


def rendered(
    source: Path,
    folder: Path,
    experiment: str | None = None,
    tokens: str = "words",
    **options: Any,
) -> Path:
    return pipeline.render(
        source,
        ReportOptions(pdf_examples=1, **options),
        pipeline.Workspace(folder / "reports", experiment),
        pipeline.Execution(),
        tokens=tokens,
    ).folder


def without_pictures(source: Path, folder: Path) -> Path:
    """Render a large table for its page alone: heatmaps are not drawn."""
    with pytest.MonkeyPatch.context() as patch:
        nothing = Drawn(frozenset(), 0, 0)
        patch.setattr("reportgen.publish.writing.write_heatmaps", lambda report: nothing)
        return rendered(source, folder)
