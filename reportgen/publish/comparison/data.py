"""Turn the gallery of a comparison into the data files that the gallery's script loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from reportgen.analysis.matching import class_order
from reportgen.analysis.slices import VALUES
from reportgen.figures.scales import LEVELS, SIDE, Scale
from reportgen.publish.cards import LONG, LONG_TEXT
from reportgen.publish.comparison.cards import Flip
from reportgen.publish.comparison.gallery import Gallery, Shown
from reportgen.publish.html.data import TEXTS, Category, cards_data, shares
from reportgen.publish.names import safe_name
from reportgen.publish.shares import millionths, runner_up
from reportgen.publish.words import cards as words
from reportgen.publish.words.flips import predicted_by, verdict

__all__ = ["categories", "flips_data", "index_data"]


def index_data(gallery: Gallery) -> dict[str, Any]:
    """Return the columns of a report's index (``html.data.index_data``) and those of each run.

    ``outcome`` is the section, ``confidence`` that of the most confident wrong answer (without a
    label: of the most confident one), ``labelProbability`` that of the last run.
    """
    found, places = gallery.found, gallery.places
    ids = [found.ids[i] for i in places]
    names = [safe_name(id_) for id_ in ids]
    keys = [section.key for section in gallery.sections]
    gold = found.gold[places]
    runs = [_run(run, gallery) for run in gallery.runs]
    wrong = np.where(found.predicted == found.gold, -1.0, found.confidence).max(axis=0)
    return {
        "classes": list(found.classes),
        "outcomes": keys,
        "verdicts": {key: verdict(key) for key in keys},
        "run": gallery.run.hash[:8],
        "single": False,
        "texts": TEXTS,
        "long": LONG if gallery.runs[0].table.tokenized else LONG_TEXT,
        "unit": gallery.runs[0].maker.unit,
        "id": ids,
        "name": ["" if name == id_ else name for name, id_ in zip(names, ids, strict=True)],
        "outcome": [keys.index(gallery.change_of[i]) for i in places],
        "label": [int(k) if k >= 0 else None for k in gold],
        "confidence": [millionths(float(share)) for share in wrong[places]],
        "predicted": runs[-1]["predicted"],
        "labelProbability": runs[-1]["labelProbability"],
        "flags": [],
        "flag": [0] * len(places),
        "warnings": list(words.WARNINGS),
        "extra": [asdict(category) for category in categories(gallery)],
        "tokens": [max(counts) for counts in zip(*(run["tokens"] for run in runs), strict=True)],
        "unknown": None,
        "runs": runs,
    }


def _run(run: Shown, gallery: Gallery) -> dict[str, Any]:
    """Return the columns of one run: what it predicts of each example, and its pictures."""
    places, k = gallery.places, gallery.runs.index(run)
    found, rows = gallery.found, run.indices[gallery.places].tolist()
    gold, predicted = (
        column[places].tolist() for column in (run.scores.gold, run.scores.predicted)
    )
    labels = [None if label < 0 else label for label in gold]
    second = [
        runner_up(run.table.probabilities[i], p) for i, p in zip(rows, predicted, strict=True)
    ]
    of_all = class_order(found.classes, run.table.info.classes).tolist()
    two = len(found.classes) == 2
    return {
        "letter": run.letter,
        "predicted": found.predicted[k][places].tolist(),
        "confidence": [millionths(float(share)) for share in found.confidence[k][places]],
        "labelProbability": shares(run.table, rows, labels),
        "second": None if two else [None if s is None else of_all[s] for s in second],
        "secondProbability": None if two else shares(run.table, rows, second),
        "tokens": run.table.lengths[rows].tolist(),
        "columns": run.maker.columns.picture,
        "heatmaps": run.maker.heatmaps,
    }


def categories(gallery: Gallery) -> list[Category]:
    """Return what can be filtered by beside a report's: predictions of each run, further columns.

    Further columns are those of the first run, where they have few values among the examples shown.
    """
    found, classes = gallery.found, list(gallery.found.classes)
    by_run = [
        Category(predicted_by(run.letter), classes, found.predicted[k][gallery.places].tolist())
        for k, run in enumerate(gallery.runs)
    ]
    first = gallery.runs[0]
    rows = list(first.rows.extra(first.indices[gallery.places].tolist()))
    taken = {category.name for category in by_run}
    further = []
    for name in sorted({name for row in rows for name in row} - taken):
        values = sorted({row[name] for row in rows if row.get(name)})
        if 1 < len(values) <= VALUES:
            place = {value: k for k, value in enumerate(values)}
            further.append(Category(name, values, [place.get(row.get(name, "")) for row in rows]))
    return [*by_run, *further]


def flips_data(cards: Sequence[Flip], shared: Sequence[Scale]) -> list[dict[str, Any]]:
    """Return what the cards show beyond the index: of each run what a report's card shows.

    ``shared`` has for each run the one scale for all texts; each part says what a report's index
    says of all its examples.
    """
    readings = [cards_data([reading.card for reading in card.readings]) for card in cards]
    return [
        {
            "readings": [
                {**data, **_shades(scale)} for data, scale in zip(of, shared, strict=True)
            ],
            "extra": card.extra,
        }
        for card, of in zip(cards, readings, strict=True)
    ]


def _shades(scale: Scale) -> dict[str, Any]:
    steps = SIDE if scale.signed else LEVELS - 1
    return {"signed": scale.signed, "steps": steps, "darkest": scale.darkest}
