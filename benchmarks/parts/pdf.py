"""PDF: text and heatmaps as vectors against spans and pictures, printed by others."""

from __future__ import annotations

import gc
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from parts import median, some
from reportgen import pipeline
from reportgen.executors import open_executor
from reportgen.options import ReportOptions
from reportgen.predictions import open_predictions, write_predictions
from reportgen.publish import writing
from reportgen.publish.pdf import parts, volumes
from reportgen.publish.report import Report
from reportgen.publish.summary import Summary

PEERS = Path(__file__).parents[1] / "peers.py"
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pdf-header-footer",
)  # fmt: skip
CARDS, WORKERS, RUNS = 400, 2, 3
SHOWN = {"heatmap": "heatmaps alone", "both": "text and heatmaps"}
# What the running head and the numbers of pages need where nobody stamps them on.
MARGINS = (
    '@page{@top-left{content:"run"}@bottom-right{content:counter(page) " of " counter(pages)}}'
    ".card img{display:block;width:100%}"
)


def pdf(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare our document with the same one in WeasyPrint and in Chromium, pictures given."""
    yield "## PDF\n"
    yield (
        f"The document of a run of {CARDS} reviews of any length: cover, results, every card,"
        f" provenance. Ours by {WORKERS} processes, started for it; WeasyPrint's by one, which is"
        " all it can use, and without Python's garbage collection; Chromium's as it likes. The"
        " peers get our finished PNGs, which have few colours and are a third as large as those of"
        " seaborn, and, for the text, an element a word; pictures longer than a page are cut there."
        " Medians of three runs after one to warm up.\n"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _cards(table, folder / "cards.parquet")
        start = median(lambda: _python("-c", "import reportgen.publish.pdf.volumes"))
        for show, what in SHOWN.items():
            yield f"### {what.capitalize()}\n"
            yield "| way | s | slower than ours | KB a card | larger than ours |"
            yield "|---|---|---|---|---|"
            run = folder / show
            ours = _ours(folder / "cards.parquet", run, show) + start
            own = (run / "report.pdf").stat().st_size / CARDS / 1e3
            yield f"| vectors, joined from parts (ours) | {ours:.1f} | 1 | {own:.1f} | 1 |"
            page = _peers_page(folder / "cards.parquet", run, show)
            for peer, words in _peers(page).items():
                took = median(lambda words=words: _run(words), RUNS)
                size = page.with_suffix(".pdf").stat().st_size / CARDS / 1e3
                yield (
                    f"| {peer} | {took:.1f} | {took / ours:.1f} | {size:.1f} | {size / own:.1f} |"
                )
            yield ""


def _cards(table: Path, target: Path) -> None:
    with open_predictions(table) as predictions:
        info = predictions.info
    write_predictions(target, info, some(table, CARDS))


def _ours(table: Path, target: Path, show: str) -> float:
    """Make the report in ``target``; return the median of the seconds that its PDF takes."""
    seconds: list[float] = []

    def timed(report: Report, summary: Summary) -> None:
        for _ in range(1 + RUNS):
            start = time.perf_counter()
            with open_executor(WORKERS) as executor:
                volumes.write_volumes(replace(report, executor=executor), summary)
            seconds.append(time.perf_counter() - start)

    with mock.patch.object(writing, "write_volumes", timed):
        done = pipeline.render(
            table,
            ReportOptions(pdf_examples=None, pdf_cards=show),
            pipeline.Workspace(target.with_suffix(".reports"), "cards"),
            pipeline.Execution(WORKERS),
        )
    shutil.move(done.folder, target)
    return sorted(seconds[1:])[RUNS // 2]


def _peers_page(table: Path, run: Path, show: str) -> Path:
    """Write the same document as one page with an element a word and a picture a card."""
    bodies: list[str] = []

    def kept(document: Any, target: Path, tagged: bool = True) -> frozenset[str]:
        if tagged:  # running heads are not
            bodies.append(document.page)
        target.touch()
        return frozenset()

    with (
        mock.patch.object(parts, "write_pdf", kept),
        mock.patch.object(volumes, "join"),
        mock.patch("reportgen.publish.pdf.drawings.vector_cells", return_value=False),
        tempfile.TemporaryDirectory() as folder,
    ):
        pipeline.render(
            table,
            ReportOptions(pdf_examples=None, gallery=CARDS),
            pipeline.Workspace(Path(folder), "cards"),
            pipeline.Execution(1),
        )
    head = bodies[0].partition("<body>")[0].replace("</head>", f"<style>{MARGINS}</style></head>")
    inside = "".join(re.sub(r"(?s)^.*<body>|</body>.*$", "", body) for body in bodies)
    if show == "heatmap":
        inside = re.sub(r'(?s)<p class="map">.*?</p>', "", inside)
    picture = r'<img src="heatmaps/\2.png" alt="heatmap">'
    inside = re.sub(r'(?s)(<article[^>]* id="ex-([^"]*)".*?)(?=<footer>)', rf"\1{picture}", inside)
    page = run / "page.html"
    page.write_text(f"{head}<body>{inside}</body></html>")
    return page


def _peers(page: Path) -> dict[str, list[str]]:
    target = page.with_suffix(".pdf")
    browser = shutil.which("chromium") or "chromium"
    profile = f"--user-data-dir={page.parent / 'profile'}"
    printed = [browser, *CHROMIUM, profile, f"--print-to-pdf={target}", page.as_uri()]
    return {
        "WeasyPrint": [sys.executable, str(PEERS), "--print", str(page), str(target)],
        "Chromium": printed,
    }


def _python(*words: str) -> None:
    _run([sys.executable, *words])


def _run(words: list[str]) -> None:
    subprocess.run(words, check=True, capture_output=True)


def print_pdf(page: Path, target: Path) -> None:
    """Print a page by WeasyPrint, with the advantage of ours: no garbage collection."""
    import weasyprint

    gc.disable()
    weasyprint.HTML(filename=page).write_pdf(target, pdf_variant="pdf/ua-1")
