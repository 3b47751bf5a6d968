"""Put styles and pictures into a page, so that it is one file."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reportgen.publish.html.templates import TEMPLATES, single_policy

__all__ = ["STYLES", "alone", "inline", "style"]

STYLES = ("report.css", "screen.css", "heatmaps.css")
KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def style(names: Iterable[str] = STYLES) -> str:
    """Return these style sheets as one, with their fonts in it."""
    text = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    return re.sub(r"url\((fonts/[^)]+)\)", lambda m: f"url({inline(TEMPLATES / m[1])})", text)


def alone(styles: Iterable[str], scripts: Sequence[str], charts: Path) -> dict[str, Any]:
    """Return what a template shows of a page that is one file: its policy and all that is in it.

    ``styles`` are names of sheets; ``charts`` is the folder of those that the page shows.
    """
    sheet = style(styles)
    return {
        "policy": single_policy(sheet, scripts),
        "single": {
            "style": Markup(sheet),
            "scripts": [Markup(text) for text in scripts],
            "charts": {path.stem: inline(path) for path in charts.glob("*.svg")},
        },
    }


def inline(path: Path) -> str:
    """Return a picture or font as an address that holds it."""
    return f"data:{KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
