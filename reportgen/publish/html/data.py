"""Turn cards and columns into the data files that the gallery's script loads.

A page opened from a disk may not fetch files, but it may load scripts beside it, so each data file
is a script that hands over one value. Every character that could end a script is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reportgen.analysis.ordering import Outcome
from reportgen.figures.scales import LEVELS, SIDE
from reportgen.languages import direction
from reportgen.predictions import Predictions
from reportgen.predictions.schema import HEADS
from reportgen.publish.cards import LONG, LONG_TEXT, Card
from reportgen.publish.names import safe_name
from reportgen.publish.pieces import Piece
from reportgen.publish.report import Report
from reportgen.publish.shares import millionths, runner_up
from reportgen.publish.words import cards as words

__all__ = [
    "Category",
    "cards_data",
    "categories",
    "flags",
    "heads",
    "heads_data",
    "index_data",
    "script",
    "shares",
    "write_index",
]

BETWEEN = "\x7f"  # stands around tokens; no text holds it, since controls are replaced at the door
TEXTS = 1000  # examples whose texts are searched in one data file
# A shade level each; one below 0 is a character from "A" on, as the gallery's script reads them.
DIGITS = dict(enumerate("0123456789abcdefghijklmnopqrstuv"))
DIGITS |= {-level: chr(ord("A") + level - 1) for level in range(1, SIDE + 1)}


def script(name: str, value: Any, ascii_only: bool = False) -> str:
    """Write a value as a script that hands it over under a name."""
    text = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'(self.reportgen??=[]).push(["{name}",{text}])\n'


def write_index(report: Report) -> None:
    """Write the columns that the gallery's script filters and sorts by."""
    text = script("index", index_data(report))
    (report.folder / "data" / "index.js").write_text(text, encoding="utf-8")


def index_data(report: Report, single: bool = False) -> dict[str, Any]:
    """Return the columns that are filtered and sorted by, in the order of the gallery.

    ``outcome``, ``label`` and ``predicted`` are places in the lists of names ``outcomes`` and
    ``classes``, and so is ``second``, the runner-up, None where there are two; a ``flag`` is a sum
    of 2 ** place in ``flags``; ``confidence``, ``labelProbability`` and ``secondProbability`` are
    in millionths; ``name`` is empty where the id is a safe name already.
    An example without a label has None for ``label`` and ``labelProbability``. ``steps`` are the
    levels of shade on a side; ``darkest`` is where the scale for all texts ends, None where all
    weights are 0.
    """
    predictions, findings, indices = report.predictions, report.findings, report.indices
    scores = findings.scores
    ids = [predictions.ids[i] for i in indices]
    names = [safe_name(id_) for id_ in ids]
    labels = [int(scores.gold[i]) if scores.gold[i] >= 0 else None for i in indices]
    flag_names, flag = flags(report)
    second = [runner_up(predictions.probabilities[i], int(scores.predicted[i])) for i in indices]
    two = len(predictions.info.classes) == 2
    place = {outcome: k for k, outcome in enumerate(Outcome)}
    return {
        "classes": list(predictions.info.classes),
        "outcomes": [outcome.value for outcome in Outcome],
        "run": report.run.hash[:8],
        "single": single,
        "texts": TEXTS,
        "signed": predictions.info.signed,
        "steps": SIDE if predictions.info.signed else LEVELS - 1,
        "darkest": report.shared_scale.darkest,
        "long": LONG if predictions.tokenized else LONG_TEXT,
        "unit": predictions.unit,
        "columns": report.cards.columns.picture,
        "id": ids,
        "name": ["" if name == id_ else name for name, id_ in zip(names, ids, strict=True)],
        "outcome": [place[findings.outcomes[i]] for i in indices],
        "label": labels,
        "predicted": [int(scores.predicted[i]) for i in indices],
        "confidence": [millionths(float(scores.confidence[i])) for i in indices],
        "labelProbability": shares(predictions, indices, labels),
        "second": None if two else second,
        "secondProbability": None if two else shares(predictions, indices, second),
        "flags": flag_names,
        "warnings": [name for name in flag_names if name in words.WARNINGS],
        "flag": flag,
        "extra": [asdict(category) for category in categories(report)],
        "tokens": [int(predictions.lengths[i]) for i in indices],
        "unknown": None
        if predictions.unknown_tokens is None
        else [int(predictions.unknown_tokens[i]) for i in indices],
    }


def shares(
    predictions: Predictions, indices: Sequence[int], classes: Sequence[int | None]
) -> list[int | None]:
    """Return the probability of a class of each example, in millionths."""
    return [
        None if k is None else millionths(float(predictions.probabilities[i, k]))
        for i, k in zip(indices, classes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Category:
    """What a filter offers: its values, and for each example of the gallery the place of its own.

    ``name`` is that of a further column of the data; an example without a value has None.
    """

    name: str
    values: list[str]
    places: list[int | None]


def categories(report: Report) -> list[Category]:
    """Return the further columns of few values, in the order of the cards."""
    found = []
    for name, column in sorted(report.findings.categories.items()):
        values = sorted({value for value in column if value})
        place = {value: k for k, value in enumerate(values)}
        found.append(Category(name, values, [place.get(column[i] or "") for i in report.indices]))
    return [category for category in found if category.values]


def flags(report: Report) -> tuple[list[str], list[int]]:
    """Return what cards are flagged with, and for each example the sum of 2 ** k of its flags k."""
    in_train, place = report.predictions.in_train, dict[str, int]()
    sums = []
    for i, result in zip(report.indices, report.results(report.indices), strict=True):
        own = words.flags(
            None if in_train is None else bool(in_train[i]),
            result,
            report.info.signed,
            report.cards.called,
        )
        sums.append(sum(1 << place.setdefault(flag, len(place)) for flag in own))
    return list(place), sums


def heads(report: Report) -> int:
    """Return how many attention heads a reader can choose from; 0 where the table has none."""
    if HEADS not in report.predictions.columns:
        return 0
    rows = report.rows.take(report.indices)
    return next((len(row.heads) for row in rows if row.heads is not None), 0)


def heads_data(cards: Sequence[Card]) -> list[list[str] | None]:
    """Return for each card a digit per token for each attention head; None where it has none.

    Where the heatmap's cells are not the tokens of the text, a digit per cell follows.
    They are a file of their own beside that of ``cards_data``, loaded when a head is chosen.
    """
    return [["".join(map(DIGITS.__getitem__, head)) for head in c.heads] or None for c in cards]


def cards_data(cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Return what the cards show beyond the index, a record per card.

    ``text`` has a mark on both sides of each token; ``shades`` and ``gradients`` (by integrated
    gradients; empty: not computed) have a digit per token, ``-`` where the model did not read it;
    ``weights``, of ``read`` tokens, are in millionths, those of attributions are not; ``unknown``
    are places of tokens. ``cells`` are those of the heatmap, where they are not these tokens;
    ``ends`` is what the key says of both ends of the scale. ``language`` is a tag and a direction,
    left out where it is not known.
    """
    return [_card(card) for card in cards]


def _card(card: Card) -> dict[str, Any]:
    tokens = [piece for piece in card.pieces if piece.token]
    cells = {"words": [cell.text for cell in card.cells], **_shaded(card.cells, card.signed)}
    parts = [""]
    for piece in card.pieces:
        if piece.token:
            parts += [piece.text, ""]
        else:
            parts[-1] += piece.text
    return {
        "text": BETWEEN.join(parts),
        **_shaded(tokens, card.signed),
        "read": card.read,
        "ends": card.ends,
        "leftward": card.leftward,
        "cells": cells if card.cells else None,
        "attended": [[named.title, named.words] for named in card.attended],
        "counts": card.counts,
        "flags": list(card.flags),
        "gradients": "".join(DIGITS[piece.level] for piece in card.gradients if piece.token),
        "gradientsKey": card.gradients_key,
        "extra": [[name, value] for name, value in card.extra if value],
        **({"language": [card.language, direction(card.language)]} if card.language else {}),
    }


def _shaded(tokens: Sequence[Piece], signed: bool) -> dict[str, Any]:
    """Return the columns of tokens, in a text or in a heatmap."""
    weights = ("" if t.weight is None else _weight(t.weight, signed) for t in tokens)
    return {
        "shades": "".join("-" if t.weight is None else DIGITS[t.level] for t in tokens),
        "weights": ",".join(weights),
        "unknown": [k for k, t in enumerate(tokens) if t.unknown],
    }


def _weight(weight: float, signed: bool) -> str:
    return f"{weight:.4g}" if signed else f"{1e6 * weight:.0f}"
