"""Put styles and pictures into a page, so that it is one file."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path

from reportgen.publish.html.templates import TEMPLATES

__all__ = ["STYLES", "inline", "style"]

STYLES = ("report.css", "screen.css", "heatmaps.css")
KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def style(names: Iterable[str] = STYLES) -> str:
    """Return these style sheets as one, with their fonts in it."""
    text = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    return re.sub(r"url\((fonts/[^)]+)\)", lambda m: f"url({inline(TEMPLATES / m[1])})", text)


def inline(path: Path) -> str:
    """Return a picture or font as an address that holds it."""
    return f"data:{KINDS[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
