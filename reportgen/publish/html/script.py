"""Join the files of the gallery's script into the one script that a page loads."""

from __future__ import annotations

from reportgen.publish.html.templates import TEMPLATES

__all__ = ["FILES", "REVIEW_FILES", "gallery_script"]

# In this order: while the script loads, each file may use the constants of those before it.
FILES = (
    "page.js",
    "numbers.js",
    "data.js",
    "cards.js",
    "search.js",
    "filters.js",
    "results.js",
    "address.js",
    "active.js",
    "export.js",
    "form.js",
    "histogram.js",
    "weights.js",
    "folding.js",
    "heatmaps.js",
    "shading.js",
    "keys.js",
    "hints.js",
    "look.js",
    "start.js",
)
# Before the last of them, where reviewers are asked.
REVIEW_FILES = ("answers.js", "answering.js", "exchange.js")
FLIPS_FILES = ("flips.js",)  # of a comparison


def gallery_script(review: bool = False, flips: bool = False) -> str:
    """Return one classic script, since a page opened from a disk cannot load modules.

    It is one strict function: the files share its scope, and nothing becomes global but
    ``self.reportgen``, which takes the values of the data files. With ``review`` it takes answers,
    with ``flips`` it shows the cards of a comparison.
    """
    files = [*FILES[:-1], *REVIEW_FILES * review, *FLIPS_FILES * flips, FILES[-1]]
    texts = [(TEMPLATES / "gallery" / name).read_text(encoding="utf-8") for name in files]
    return "\n".join(['(() => {\n"use strict";\n', *texts, "})();\n"])
