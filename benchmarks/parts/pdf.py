"""PDF: vector cells against pictures, printed by WeasyPrint and by Chromium."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from parts import median, some
from reportgen.predictions import open_predictions, write_predictions
from reportgen.records import DataInfo, ModelInfo, Prediction, RunInfo

PEERS = Path(__file__).parents[1] / "peers.py"
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pdf-header-footer",
)  # fmt: skip


def pdf(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare vector cells with pictures, printed by WeasyPrint and by Chromium."""
    rows = some(table, 400, longest=420)  # as long as fits a page: pictures cannot break
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_pictures(folder, rows)
        names = {
            "cells": "WeasyPrint, vector cells with text (ours)",
            "cells, tagged": "the same, tagged (PDF/UA-1)",
            "seaborn": "WeasyPrint, PNGs by `sns.heatmap`",
            "seaborn, chromium": "Chromium, the same page with PNGs by `sns.heatmap`",
            "fast": "WeasyPrint, PNGs by our engine (few colours: small)",
            "fast, chromium": "Chromium, the same page with PNGs by our engine",
        }
        took, size = {}, {}
        for way in names:
            target = folder / f"{way}.pdf"

            def run(way: str = way, target: Path = target) -> None:
                pictures, _, browser = way.partition(", ")
                if browser == "chromium":
                    profile = tempfile.mkdtemp(dir=folder)
                    page = (folder / f"{pictures}.html").as_uri()
                    browser = shutil.which("chromium") or "chromium"
                    words = [browser, *CHROMIUM, f"--user-data-dir={profile}"]
                    words += [f"--print-to-pdf={target}", page]
                else:
                    words = [sys.executable, str(PEERS), "--print", way, name]
                subprocess.run(words, check=True, capture_output=True)

            took[way] = median(run)
            size[way] = target.stat().st_size / len(rows) / 1e3
    ours = took["cells"]
    yield "## PDF\n"
    yield (
        f"{len(rows)} cards of at most 420 tokens (longer pictures do not fit a page), the same"
        " cards each time, one process each from its start to its end; every WeasyPrint without"
        " Python's garbage collection, every PNG as its engine wrote it.\n"
    )
    yield "| way | s | slower than ours | KB a card | larger than ours |\n|---|---|---|---|---|"
    for way, what in names.items():
        ratio, more = took[way] / ours, size[way] / size["cells"]
        yield f"| {what} | {took[way]:.1f} | {ratio:.1f} | {size[way]:.1f} | {more:.1f} |"
    yield ""


def _page(rows: list[Prediction], bands: Callable[[int, Prediction], tuple[str, ...]]) -> str:
    from reportgen.analysis.findings import ExampleResult
    from reportgen.analysis.ordering import Outcome
    from reportgen.publish.cards import CardMaker
    from reportgen.publish.html.templates import _ENVIRONMENT

    maker = CardMaker(("neg", "pos"))
    result = ExampleResult(1, 0.9, 0.8, Outcome.CONFIDENTLY_RIGHT, False, None)
    cards = [maker.card(row, result, bands(i, row)) for i, row in enumerate(rows)]
    page = _ENVIRONMENT.from_string(
        '{% from "partials/card.j2" import printed %}<!doctype html><html lang="en">'
        '<meta charset="utf-8"><title>Cards</title><link rel="stylesheet" href="assets/report.css">'
        '<link rel="stylesheet" href="assets/print.css"><h1>Cards</h1><h2>All</h2>'
        "{% for card in cards %}{{ printed(card) }}{% endfor %}</html>"
    )
    return page.render(cards=cards)


def _write_pictures(folder: Path, rows: list[Prediction]) -> None:
    from reportgen.figures.fast_heatmap import draw_fast
    from reportgen.figures.heatmap import draw_heatmap
    from reportgen.publish.html.templates import TEMPLATES

    shutil.copytree(TEMPLATES / "fonts", folder / "assets" / "fonts")
    for style in ("report.css", "print.css"):
        shutil.copyfile(TEMPLATES / style, folder / "assets" / style)
    for name, draw in (("fast", draw_fast), ("seaborn", draw_heatmap)):
        for i, row in enumerate(rows):
            png = draw(row.tokens, row.attention, row.unknown).png
            (folder / f"{name}-{i}.png").write_bytes(png)
        page = _page(rows, lambda i, _, name=name: (f"{name}-{i}.png",))  # type: ignore[misc]
        (folder / f"{name}.html").write_text(page)
    labels = tuple(sorted({row.label for row in rows}))
    info = RunInfo(labels, DataInfo("cards", "test", len(rows), len(rows)), ModelInfo("none"))
    write_predictions(folder / "cards.parquet", info, rows)


def print_pdf(way: str, folder: Path) -> None:
    import weasyprint

    from reportgen.figures.layout import grid
    from reportgen.publish.pdf.cells import CellsImage, Shaper
    from reportgen.publish.pdf.volumes import bands

    gc.disable()  # as write_pdf does; the peers have the same advantage
    variant = "pdf/ua-1" if way == "cells, tagged" else None
    base = f"{folder.as_uri()}/"
    cache: dict[str, object] = {}
    if not way.startswith("cells"):
        page = (folder / f"{way}.html").read_text()
    else:
        with open_predictions(folder / "cards.parquet") as table:
            rows = list(table)
        shaper = Shaper()

        def drawn(i: int, row: Prediction) -> tuple[str, ...]:
            names = []
            for band in bands(grid(row.tokens, row.attention, row.unknown)):
                names.append(f"{base}{i}-{band.start}")
                cache[names[-1]] = CellsImage(band, shaper)
            return tuple(names)

        page = _page(rows, drawn)
    document = weasyprint.HTML(string=page, base_url=base)
    document.write_pdf(folder / f"{way}.pdf", cache=cache, pdf_variant=variant)
