"""Check every row of a predictions table and collect the columns that the analysis needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reportgen.characters import ILLEGAL, legal
from reportgen.errors import PredictionsError
from reportgen.marks import find_marks, mark
from reportgen.predictions.columns import Places, flat, flatten, owners, sizes, sums, wrong
from reportgen.predictions.explained import check_explained
from reportgen.predictions.schema import REQUIRED
from reportgen.predictions.weights import TOLERANCE, WeightChecks
from reportgen.records import RunInfo
from reportgen.remedies import MULTI_LABEL

__all__ = ["Scan"]


class Scan:
    """Reads the columns once: checks every row and keeps what the analysis needs.

    ``weights`` is what the column of weights is called, None where the table has none.
    """

    def __init__(
        self, info: RunInfo, places: Places, weights: str | None, tokenized: bool = True
    ) -> None:
        shown = places.shown
        if len(set(info.classes)) != len(info.classes) or len(info.classes) < 2:
            raise PredictionsError(f"{shown}: classes must be two or more, each once")
        if not all(name.strip() for name in info.classes):
            raise PredictionsError(f"{shown}: a class has an empty name")
        self.info, self.places = info, places
        self.weighted, self.tokenized = weights is not None, tokenized
        self.weights = WeightChecks(places, info.weights, weights or "attention")
        self.names = {"attention": weights or "attention"}
        self.index = {name: i for i, name in enumerate(info.classes)}
        self.marks = frozenset[str]()  # of tokenizers, that tokens have
        self.illegal = 0  # characters of texts that are shown as U+FFFD
        self.ids: list[str] = []
        self.gold: list[NDArray[np.int64]] = []
        self.probabilities: list[NDArray[np.float64]] = []
        self.lengths: list[NDArray[np.int64]] = []
        self.unread: list[NDArray[np.int64]] = []
        self.unknown: list[NDArray[np.int64]] = []
        self.explained: list[NDArray[np.bool_]] = []
        self._optional: dict[str, list[NDArray[Any] | None]] = {"logits": [], "in_train": []}

    def add(self, table: pa.Table) -> None:
        """Check the next rows and keep their columns."""
        start, n = len(self.ids), len(table)
        for name in (*REQUIRED, "tokens", "attention"):
            problem = f"{self.names.get(name, name)} is null"
            self.places.require(np.asarray(table[name].is_valid()), start, problem)
        for name in ("tokens", "unknown"):
            if name in table.column_names and flatten(table, name).null_count:
                filled = np.array([None not in (row or ()) for row in table[name].to_pylist()])
                self.places.require(filled, start, f"{name} has a null in its list")
        texts = table["text"].to_pylist()
        if any(map(ILLEGAL.search, texts)):
            self.illegal += sum(legal(text)[1] for text in texts)
        ids = [legal(id_)[0] for id_ in table["id"].to_pylist()]
        self.places.require(np.array([bool(id_.strip()) for id_ in ids]), start, "the id is empty")
        self.ids.extend(ids)
        self.gold.append(self._gold(table, start))
        self.probabilities.append(self._probabilities(table, start, n))
        lengths = sizes(table, "tokens")
        self.weights.add(table, lengths, start)
        self.lengths.append(lengths if self.tokenized else _characters(table))
        missing = wrong(table, "attention", np.isnan(flat(table, "attention")))
        self.unread.append(missing.astype(np.int64) if self.weighted else np.zeros(n, np.int64))
        if "logits" in table.column_names:
            k = len(self.info.classes)
            fits = np.asarray(table["logits"].is_null()) | (sizes(table, "logits") == k)
            self.places.require(fits, start, f"logits are not {k}, one per class")
            finite = wrong(table, "logits", ~np.isfinite(flat(table, "logits"))) == 0
            self.places.require(finite, start, "logits are not finite numbers")
            whole = not table["logits"].null_count
            self._optional["logits"].append(flat(table, "logits").reshape(n, k) if whole else None)
        if "in_train" in table.column_names:
            whole = not table["in_train"].null_count
            self._optional["in_train"].append(np.array(table["in_train"]) if whole else None)
        classes = len(self.info.classes)
        self.explained.append(check_explained(table, lengths, classes, start, self.places))
        if "spans" in table.column_names:
            self._spans(table, lengths, start)
        if "unknown" in table.column_names:
            self._lengths_agree(table, "unknown", lengths, start)
            self.unknown.append(sums(table, "unknown").astype(np.int64))
        self._find_marks(table, texts)

    def whole(self, name: str) -> Any:
        """Return an optional column that every row has, else None."""
        parts = self._optional[name]
        return np.concatenate(parts) if parts and all(p is not None for p in parts) else None  # type: ignore[arg-type]

    def _find_marks(self, table: pa.Table, texts: Sequence[str]) -> None:
        """Look for marks in the rows that may have one of a kind not yet found."""
        coded = flatten(table, "tokens").dictionary_encode()
        kinds = map(mark, coded.dictionary.to_pylist())
        new = np.array([kind is not None and kind not in self.marks for kind in kinds], dtype=bool)
        if not new.any():
            return
        owner = owners(sizes(table, "tokens"))
        rows = np.unique(owner[new[coded.indices.to_numpy()]])
        tokens = table["tokens"].take(rows).to_pylist()
        spans = table["spans"].take(rows).to_pylist() if "spans" in table.column_names else None
        self.marks |= find_marks([texts[i] for i in rows], tokens, spans)

    def _gold(self, table: pa.Table, start: int) -> NDArray[np.int64]:
        if "label" not in table.column_names:
            return np.full(len(table), -1, dtype=np.int64)
        coded = table["label"].combine_chunks().dictionary_encode()
        names = [legal(name)[0] for name in coded.dictionary.to_pylist()]
        classes = np.array([*(self.index.get(name, -2) for name in names), -1], dtype=np.int64)
        codes = pa.compute.fill_null(coded.indices, len(names)).to_numpy()
        gold: NDArray[np.int64] = classes[codes]
        if (gold < -1).any():
            row = int(np.argmin(gold))
            known = ", ".join(self.info.classes)
            self.places.fail(start + row, f"label {names[codes[row]]!r} is not a class ({known})")
        return gold

    def _probabilities(self, table: pa.Table, start: int, n: int) -> NDArray[np.float64]:
        k = len(self.info.classes)
        one_each = np.asarray(sizes(table, "probabilities") == k)
        self.places.require(one_each, start, f"probabilities are not {k}, one per class")
        rows = flat(table, "probabilities").reshape(n, k)
        sane = np.isfinite(rows) & (rows >= 0) & (rows <= 1 + TOLERANCE)
        self.places.require(
            np.asarray(sane.all(axis=1)), start, "probabilities are not between 0 and 1 with sum 1"
        )
        total = rows.sum(axis=1)
        off = np.flatnonzero(np.abs(total - 1) > TOLERANCE)
        if len(off):
            problem = f"probabilities sum to {total[off[0]]:.4g}, not 1; {MULTI_LABEL}"
            self.places.fail(start + int(off[0]), problem)
        return rows

    def _spans(self, table: pa.Table, lengths: NDArray[np.int64], start: int) -> None:
        valid = ~np.asarray(table["spans"].is_null())
        self.places.require(
            ~valid | (sizes(table, "spans") == lengths), start, "spans are not one per token"
        )
        if self._spans_follow(table, lengths):
            return
        for offset, (text, spans) in enumerate(  # slowly, to name the one
            zip(table["text"].to_pylist(), table["spans"].to_pylist(), strict=True)
        ):
            self._spans_of(start + offset, text, spans or ())

    def _spans_of(self, row: int, text: str, spans: Sequence[Any]) -> None:
        before = 0
        for span in spans:
            if span is None:
                continue
            if len(span) != 2 or None in span or not 0 <= span[0] <= span[1] <= len(text):
                self.places.fail(row, f"span {span} does not lie within the text")
            if span[0] < span[1]:  # an empty one is no place
                if span[0] < before:
                    problem = f"span {span} begins before the one before it"
                    self.places.fail(row, f"{problem}; a pair of texts is a list of two strings")
                before = span[0]

    def _spans_follow(self, table: pa.Table, lengths: NDArray[np.int64]) -> bool:
        """Say whether the spans of all rows are right; if not, each is looked at."""
        pairs = flatten(table, "spans")
        given = np.asarray(pairs.is_valid())
        values = pairs.flatten()
        ends = pa.compute.fill_null(pa.compute.list_value_length(pairs), 0).to_numpy()
        if values.null_count or not (ends[given] == 2).all():
            return False
        begin, end = values.to_numpy().reshape(-1, 2).T
        owner = owners(sizes(table, "spans"))[given]
        long = pa.compute.utf8_length(table["text"]).to_numpy()
        inside = (begin >= 0) & (begin <= end) & (end <= long[owner])
        begin, owner = begin[begin < end], owner[begin < end]
        return bool(inside.all() and ((np.diff(begin) >= 0) | (np.diff(owner) > 0)).all())

    def _lengths_agree(
        self, table: pa.Table, name: str, lengths: NDArray[np.int64], start: int
    ) -> None:
        valid = ~np.asarray(table[name].is_null())
        agree = ~valid | (sizes(table, name) == lengths)
        self.places.require(agree, start, f"{name} has not one value per token")

    def finish(self) -> None:
        """Check what only the whole table can show: that it has rows and distinct ids."""
        if not self.ids:
            raise PredictionsError(f"{self.places.shown}: the table has no rows")
        known: set[str] = set()
        for row, id_ in enumerate(self.ids):
            if id_ in known:
                self.places.fail(row, f"duplicate id {id_!r}")
            known.add(id_)


def _characters(table: pa.Table) -> NDArray[np.int64]:
    """Return how many characters each text has."""
    counts = pa.compute.utf8_length(table["text"])
    return np.asarray(counts.to_numpy(), dtype=np.int64)
