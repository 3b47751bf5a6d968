"""The gallery in, one self-contained HTML file out: styles, script, fonts and pictures inside."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from reportgen.analysis.ordering import Section
from reportgen.errors import UsageError
from reportgen.predictions import Predictions, Rows
from reportgen.publish.gallery import BLANK, PAGE_SIZE, Block, CardMaker, Page
from reportgen.publish.gallery_data import cards_data, index_data, script
from reportgen.publish.html import TEMPLATES, render, single_policy
from reportgen.publish.pages import blocks_of, indices_of, jumps, page_values
from reportgen.publish.script import gallery_script
from reportgen.publish.tables import Findings

__all__ = ["LIMIT", "check_size", "write_single"]

LIMIT = 25_000_000  # bytes; more than this many mail servers refuse
FIXED = 300_000  # bytes of fonts, styles, script and charts
PER_EXAMPLE, PER_TOKEN = 6_000, 210  # bytes, measured on long and short reviews


def check_size(lengths: NDArray[np.int64]) -> None:
    """Refuse a gallery whose file would be too large, before any work is done.

    Raises:
        UsageError: it would; the message says how many examples fit.
    """
    each = PER_EXAMPLE + PER_TOKEN * float(lengths.mean())
    expected = FIXED + each * len(lengths)
    if expected > LIMIT:
        fit = int((LIMIT - FIXED) / each)
        raise UsageError(
            f"--single-file: {len(lengths):,} examples would make about {expected / 1e6:,.0f} MB,"
            f" more than the {LIMIT / 1e6:.0f} MB that mail takes; --gallery {fit} makes it fit"
        )


def write_single(
    folder: Path,
    rows: Rows,
    sections: Sequence[Section],
    predictions: Predictions,
    findings: Findings,
    maker: CardMaker,
    shared: Mapping[str, Any],
) -> None:
    """Write ``report.html``; pictures and charts are taken from the run folder."""
    page = Page(1, "report.html", tuple(Block(s, 1, len(s)) for s in sections))
    indices = indices_of(page)
    made = list(map(maker.card, rows.take(indices)))
    stream = iter(made)
    blocks = [
        {**block, "cards": list(islice(stream, block["last"] - block["first"] + 1))}
        for block in blocks_of(page)
    ]
    scripts = [script("index", index_data(predictions, findings, indices, single=True))]
    scripts += [
        script(f"cards-{at // PAGE_SIZE + 1:04}", cards_data(made[at : at + PAGE_SIZE]))
        for at in range(0, len(made), PAGE_SIZE)
    ]
    scripts.append(gallery_script())
    style = _style()
    values = {
        **shared,
        "policy": single_policy(style, scripts),
        "single": {
            "style": Markup(style),
            "scripts": [Markup(text) for text in scripts],
            "charts": {p.stem: _inline(p) for p in (folder / "assets").glob("*.svg")},
            "pictures": {card.name: _inline(folder / card.heatmap) for card in made},
        },
        "page": page_values(page, 1, len(indices)),
        "previous": None,
        "next": None,
        "sections": jumps(sections),
        "blocks": blocks,
        "blank": BLANK,
    }
    (folder / "report.html").write_text(render("report.html.j2", values), encoding="utf-8")


def _style() -> str:
    text = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in STYLES)
    return re.sub(r"url\((fonts/[^)]+)\)", lambda m: f"url({_inline(TEMPLATES / m[1])})", text)


STYLES = ("report.css", "screen.css")
KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def _inline(path: Path) -> str:
    return f"data:{KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
