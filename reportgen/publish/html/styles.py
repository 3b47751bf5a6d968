"""Copy styles and fonts to where a page or a PDF looks for them."""

from __future__ import annotations

import shutil
from pathlib import Path

from reportgen.publish.html.templates import TEMPLATES

__all__ = ["copy_styles"]


def copy_styles(folder: Path, *more: str) -> Path:
    """Copy styles and fonts into a folder, so that its page needs no other place; return where."""
    assets = folder / "assets"
    assets.mkdir()
    for name in ("report.css", "screen.css", "heatmaps.css", "print.css", *more):
        shutil.copyfile(TEMPLATES / name, assets / name)
    shutil.copytree(TEMPLATES / "fonts", assets / "fonts", copy_function=shutil.copyfile)
    return assets
