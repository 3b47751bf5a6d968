"""Tags of languages (BCP 47): whether one is well formed, and which way its texts run."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["COLUMNS", "direction", "language_of", "language_tag"]

COLUMNS = ("language", "lang")  # further columns of the data that may say it of each row
# The grammar of RFC 5646 without grandfathered tags and languages of four letters or more, which
# are not in use: so "English" is no tag.
TAG = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3})(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|\d{3}))?(?P<rest>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*"
    r"(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?)"
)
# Scripts that run to the left (ISO 15924), and languages that are written in one of them.
LEFTWARD_SCRIPTS = {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"}
LEFTWARD = {
    "ar", "arc", "ary", "arz", "azb", "bal", "bqi", "ckb", "dv", "fa", "glk", "he", "iw", "khw",
    "ks", "lrc", "mzn", "nqo", "pnb", "prs", "ps", "rhg", "sd", "sdh", "skr", "syr", "ug", "ur",
    "yi",
}  # fmt: skip


def language_tag(text: str) -> str | None:
    """Return a tag in its usual spelling, "pt_br" as "pt-BR"; None where it is not well formed."""
    found = TAG.fullmatch(text.strip().replace("_", "-").lower())
    if found is None:
        return None
    script, region = found["script"], found["region"]
    parts = [found["language"], script and script.title(), region and region.upper()]
    return "-".join(filter(None, parts)) + found["rest"]


def direction(tag: str) -> str:
    """Return "rtl" where the texts of a language run from the right to the left, else "ltr"."""
    found = TAG.fullmatch(tag.lower())
    if found is None:
        return "ltr"
    if found["script"]:
        leftward = found["script"].title() in LEFTWARD_SCRIPTS
    else:
        leftward = found["language"].partition("-")[0] in LEFTWARD
    return "rtl" if leftward else "ltr"


def language_of(row: Mapping[str, str], given: str = "") -> str:
    """Return the language of a text by the further columns of its row, else the one given."""
    named = (language_tag(row[name]) for name in COLUMNS if row.get(name))
    return next(filter(None, named), given)
