"""Cards and columns in, the script files that the gallery's script reads out.

A page opened from a disk may not fetch files, but it may load scripts beside it, so each data file
is a script that hands over one value. Every character that could end a script is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from reportgen.figures import layout
from reportgen.publish.cards import LONG, Card
from reportgen.publish.names import safe_name
from reportgen.publish.report import Report

__all__ = ["cards_data", "index_data", "script", "write_index"]

BETWEEN = "\x7f"  # stands around tokens; no text holds it, since controls are replaced at the door
DIGITS = "0123456789abcdefghijklmnopqrstuv"  # a shade level each
OUTCOMES = ("confidently-wrong", "unsure-wrong", "unsure-right", "confidently-right")


def script(name: str, value: Any) -> str:
    """Write a value as a script that hands it over under a name."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'(self.reportgen??=[]).push(["{name}",{text}])\n'


def write_index(report: Report) -> None:
    """Write the columns that the gallery's script filters and sorts by."""
    text = script("index", index_data(report))
    (report.folder / "data" / "index.js").write_text(text, encoding="utf-8")


def index_data(report: Report, single: bool = False) -> dict[str, Any]:
    """Return the columns that are filtered and sorted by, in the order of the gallery.

    ``confidence`` and ``chance`` (the probability of the label) are in millionths.
    """
    predictions, findings, indices = report.predictions, report.findings, report.indices
    scores = findings.scores
    ids = [predictions.ids[i] for i in indices]
    names = [safe_name(id_) for id_ in ids]
    gold = [int(scores.gold[i]) for i in indices]
    place = {name: k for k, name in enumerate(OUTCOMES)}
    return {
        "classes": list(predictions.info.classes),
        "single": single,
        "long": LONG,
        "columns": layout.COLUMNS,
        "cell": layout.CELL_HEIGHT,
        "base": layout.KEY_HEIGHT + 2 * layout.MARGIN,
        "id": ids,
        "name": ["" if name == id_ else name for name, id_ in zip(names, ids, strict=True)],
        "outcome": [place[findings.outcomes[i].value] for i in indices],
        "gold": gold,
        "said": [int(scores.predicted[i]) for i in indices],
        "confidence": [round(1e6 * float(scores.confidence[i])) for i in indices],
        "chance": [
            round(1e6 * float(predictions.probabilities[i, k]))
            for i, k in zip(indices, gold, strict=True)
        ],
        "tokens": [int(predictions.lengths[i]) for i in indices],
        "unknown": None
        if predictions.unknown_tokens is None
        else [int(predictions.unknown_tokens[i]) for i in indices],
    }


def cards_data(cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Return what the cards show beyond the index.

    ``t`` is the text with a mark on both sides of each token, ``l`` a digit per token for its
    shade (``-``: not read), ``w`` the weights in hundred-thousandths, ``u`` the places of unknown
    words, ``a`` the most attended words, ``c`` the counts, ``f`` the flags, ``g`` a digit per token
    for integrated gradients (empty: not computed), ``x`` the further columns.
    """
    return [_card(card) for card in cards]


def _card(card: Card) -> dict[str, Any]:
    tokens = [piece for piece in card.pieces if piece.token]
    parts = [""]
    for piece in card.pieces:
        if piece.token:
            parts += [piece.text, ""]
        else:
            parts[-1] += piece.text
    return {
        "t": BETWEEN.join(parts),
        "l": "".join("-" if t.weight is None else DIGITS[t.level] for t in tokens),
        "w": ",".join("" if t.weight is None else f"{1e5 * t.weight:.0f}" for t in tokens),
        "u": [k for k, t in enumerate(tokens) if t.unknown],
        "a": [[word, f"{weight:.3f}"] for word, weight in card.attended],
        "c": card.counts,
        "f": list(card.flags),
        "g": "".join(DIGITS[piece.level] for piece in card.gradients if piece.token),
        "x": [[name, value] for name, value in card.extra if value],
    }
