"""Check every row of a predictions table and collect the columns that the analysis needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from reportgen.characters import ILLEGAL, legal
from reportgen.errors import PredictionsError
from reportgen.marks import MARKED
from reportgen.predictions.alignment import has_marks
from reportgen.predictions.schema import EXPLAIN, OPTIONAL, RANDOM, REQUIRED
from reportgen.records import FRACTIONS, RunInfo
from reportgen.removal import TESTED

__all__ = ["Scan"]

TOLERANCE = 1e-3  # the largest deviation of a sum of probabilities or attention from 1


class Scan:
    """Reads the columns once: checks every row and keeps what the analysis needs."""

    def __init__(self, info: RunInfo, shown: Path, lines: Sequence[int] | None) -> None:
        if len(set(info.classes)) != len(info.classes) or len(info.classes) < 2:
            raise PredictionsError(f"{shown}: classes must be two or more, each once")
        if not all(name.strip() for name in info.classes):
            raise PredictionsError(f"{shown}: a class has an empty name")
        self.info, self.shown, self.lines = info, shown, lines
        self.index = {name: i for i, name in enumerate(info.classes)}
        self.marked = False  # whether tokens have marks of their tokenizer
        self.illegal = 0  # characters of texts that are shown as U+FFFD
        self.ids: list[str] = []
        self.gold: list[NDArray[np.int64]] = []
        self.probabilities: list[NDArray[np.float64]] = []
        self.lengths: list[NDArray[np.int64]] = []
        self.unknown: list[NDArray[np.int64]] = []
        self.explained: list[NDArray[np.bool_]] = []
        self._optional: dict[str, list[NDArray[Any] | None]] = {"logits": [], "in_train": []}

    def add(self, table: pa.Table) -> None:
        """Check the next rows and keep their columns."""
        start, n = len(self.ids), len(table)
        for name in REQUIRED:
            self._require(np.asarray(table[name].is_valid()), start, f"{name} is null")
        for name in ("tokens", "unknown"):
            if name in table.column_names and _flatten(table, name).null_count:
                filled = np.array([None not in (row or ()) for row in table[name].to_pylist()])
                self._require(filled, start, f"{name} has a null in its list")
        texts = table["text"].to_pylist()
        if any(map(ILLEGAL.search, texts)):
            self.illegal += sum(legal(text)[1] for text in texts)
        ids = [legal(id_)[0] for id_ in table["id"].to_pylist()]
        self._require(np.array([bool(id_.strip()) for id_ in ids]), start, "the id is empty")
        self.ids.extend(ids)
        if not self.marked:
            self.marked = self._has_marks(table, texts)
        self.gold.append(self._gold(table, start))
        self.probabilities.append(self._probabilities(table, start, n))
        lengths = self._attention(table, start)
        self.lengths.append(lengths)
        if "logits" in table.column_names:
            k = len(self.info.classes)
            fits = np.asarray(table["logits"].is_null()) | (_sizes(table, "logits") == k)
            self._require(fits, start, f"logits are not {k}, one per class")
            finite = _wrong(table, "logits", ~np.isfinite(_flat(table, "logits"))) == 0
            self._require(finite, start, "logits are not finite numbers")
            whole = not table["logits"].null_count
            self._optional["logits"].append(_flat(table, "logits").reshape(n, k) if whole else None)
        if "in_train" in table.column_names:
            whole = not table["in_train"].null_count
            self._optional["in_train"].append(np.array(table["in_train"]) if whole else None)
        self.explained.append(self._explained(table, lengths, start))
        if "spans" in table.column_names:
            self._spans(table, lengths, start)
        if "unknown" in table.column_names:
            self._lengths_agree(table, "unknown", lengths, start)
            self.unknown.append(_sums(table, "unknown").astype(np.int64))

    def whole(self, name: str) -> Any:
        """Return an optional column that every row has, else None."""
        parts = self._optional[name]
        return np.concatenate(parts) if parts and all(p is not None for p in parts) else None  # type: ignore[arg-type]

    def _explained(
        self, table: pa.Table, lengths: NDArray[np.int64], start: int
    ) -> NDArray[np.bool_]:
        present = {name for name in table.column_names if name.startswith(EXPLAIN)}
        if not present:
            return np.zeros(len(lengths), dtype=bool)
        names = [f"{EXPLAIN}{name}" for name in ("attention_removed", "random_removed")]
        for name in names:
            if name not in present:
                raise PredictionsError(
                    f"{self.shown}: column {name} is missing beside {min(present)}"
                )
        given: NDArray[np.bool_] = np.asarray(table[names[0]].is_valid())
        for name in sorted(present, key=list(OPTIONAL).index):
            has = np.asarray(table[name].is_valid())
            self._require(
                has == given, start, f"{name} is given where {names[0]} is not, or not given"
            )
            fits = self._explain_sizes(_sizes(table, name), name.removeprefix(EXPLAIN), lengths)
            self._require(~given | fits, start, f"{name} has the wrong number of values")
            self._explain_values(table, name, start)
        return given

    def _explain_sizes(
        self, sizes: NDArray[np.int64], kind: str, lengths: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        if kind in RANDOM:
            return np.asarray((sizes > 0) & (sizes % len(FRACTIONS) == 0))
        if kind in ("gradients", "left_out"):
            return np.asarray(sizes == lengths)
        expected = len(self.info.classes) if kind in ("uniform", "permuted") else len(FRACTIONS)
        return np.asarray(sizes == expected)

    def _explain_values(self, table: pa.Table, name: str, start: int) -> None:
        """Check that probabilities are such, and that null are only those that may be."""
        kind, values, sizes = name.removeprefix(EXPLAIN), _flat(table, name), _sizes(table, name)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        null = np.isnan(values)
        good = null | ((values >= -TOLERANCE) & (values <= 1 + TOLERANCE))
        problem = "a number outside 0 to 1"
        if kind == "gradients":
            good, problem = ~np.isinf(values), "a number that is not finite"
        elif kind in RANDOM:
            drawn = ~null.reshape(-1, len(FRACTIONS))  # draw below draw, row below row
            first = (np.cumsum(sizes) - sizes)[owner[:: len(FRACTIONS)]] // len(FRACTIONS)
            whole = drawn[:, [FRACTIONS.index(share) for share in TESTED]].all(axis=1)
            whole &= (drawn == drawn[first]).all(axis=1)  # each draw of a row has the same sizes
            good &= np.repeat(whole, len(FRACTIONS))
            problem = "a number outside 0 to 1, or null in some draws or at 1, 10 or 20 %"
        elif kind != "left_out":
            good &= ~null
        bad = np.bincount(owner, weights=~good, minlength=len(sizes))
        self._require(bad == 0, start, f"{name} has {problem}")

    def _has_marks(self, table: pa.Table, texts: Sequence[str]) -> bool:
        names = _flatten(table, "tokens").unique().to_pylist()
        return any(map(MARKED.search, names)) and has_marks(texts, table["tokens"].to_pylist())

    def _gold(self, table: pa.Table, start: int) -> NDArray[np.int64]:
        coded = table["label"].combine_chunks().dictionary_encode()
        names = [legal(name)[0] for name in coded.dictionary.to_pylist()]
        classes = np.array([self.index.get(name, -1) for name in names], dtype=np.int64)
        codes = coded.indices.to_numpy()
        gold: NDArray[np.int64] = classes[codes]
        if (gold < 0).any():
            row = int(np.argmin(gold))
            known = ", ".join(self.info.classes)
            self._fail(start + row, f"label {names[codes[row]]!r} is not a class ({known})")
        return gold

    def _probabilities(self, table: pa.Table, start: int, n: int) -> NDArray[np.float64]:
        k = len(self.info.classes)
        sizes = _sizes(table, "probabilities")
        self._require(sizes == k, start, f"probabilities are not {k}, one per class")
        flat = _flat(table, "probabilities")
        rows = flat.reshape(n, k)
        sane = (np.isfinite(rows) & (rows >= 0)).all(axis=1)
        sane &= np.abs(rows.sum(axis=1, where=np.isfinite(rows)) - 1) <= TOLERANCE
        self._require(sane, start, "probabilities are not between 0 and 1 with sum 1")
        return rows

    def _attention(self, table: pa.Table, start: int) -> NDArray[np.int64]:
        lengths = _sizes(table, "tokens")
        self._lengths_agree(table, "attention", lengths, start)
        flat = _flat(table, "attention")
        read = ~np.isnan(flat)
        owner = np.repeat(np.arange(len(lengths)), lengths)
        wrong = _wrong(table, "attention", read & ~((flat >= 0) & np.isfinite(flat)))
        self._require(wrong == 0, start, "attention has a negative or infinite weight")
        sums = np.bincount(owner, weights=np.where(read, flat, 0), minlength=len(lengths))
        some = np.bincount(owner, weights=read, minlength=len(lengths)) > 0
        off = np.abs(sums - 1)
        self._require(
            ~some | (off <= TOLERANCE), start, "attention does not sum to 1 over the tokens"
        )
        return lengths

    def _spans(self, table: pa.Table, lengths: NDArray[np.int64], start: int) -> None:
        valid = ~np.asarray(table["spans"].is_null())
        self._require(
            ~valid | (_sizes(table, "spans") == lengths), start, "spans are not one per token"
        )
        if self._spans_follow(table, lengths):
            return
        for offset, (text, spans) in enumerate(  # slowly, to name the one
            zip(table["text"].to_pylist(), table["spans"].to_pylist(), strict=True)
        ):
            before = 0
            for span in spans or ():
                if span is None:
                    continue
                if len(span) != 2 or None in span or not 0 <= span[0] <= span[1] <= len(text):
                    self._fail(start + offset, f"span {span} does not lie within the text")
                if span[0] < span[1]:  # an empty one is no place
                    if span[0] < before:
                        self._fail(start + offset, f"span {span} begins before the one before it")
                    before = span[0]

    def _spans_follow(self, table: pa.Table, lengths: NDArray[np.int64]) -> bool:
        """Say whether every span follows the one before it; others are looked at one by one."""
        pairs = _flatten(table, "spans")
        values = pairs.flatten()
        if pairs.null_count or values.null_count:
            return False
        sizes = pa.compute.list_value_length(pairs).to_numpy(zero_copy_only=False)
        if not (sizes == 2).all():
            return False
        begin, end = values.to_numpy().reshape(-1, 2).T
        owner = np.repeat(np.arange(len(lengths)), _sizes(table, "spans"))
        before = np.concatenate(([0], end[:-1]))
        before[np.flatnonzero(np.diff(owner)) + 1] = 0
        long = pa.compute.utf8_length(table["text"]).to_numpy()
        return bool(((before <= begin) & (begin <= end) & (end <= long[owner])).all())

    def _lengths_agree(
        self, table: pa.Table, name: str, lengths: NDArray[np.int64], start: int
    ) -> None:
        valid = ~np.asarray(table[name].is_null())
        agree = ~valid | (_sizes(table, name) == lengths)
        self._require(agree, start, f"{name} has not one value per token")

    def _require(self, good: NDArray[np.bool_], start: int, problem: str) -> None:
        if not good.all():
            self._fail(start + int(np.argmin(good)), problem)

    def _fail(self, row: int, problem: str) -> None:
        place = f", row {row + 1}" if self.lines is None else f":{self.lines[row]}"
        raise PredictionsError(f"{self.shown}{place}: {problem}")

    def finish(self) -> None:
        """Check what only the whole table can show: that it has rows and distinct ids."""
        if not self.ids:
            raise PredictionsError(f"{self.shown}: the table has no rows")
        known: set[str] = set()
        for row, id_ in enumerate(self.ids):
            if id_ in known:
                self._fail(row, f"duplicate id {id_!r}")
            known.add(id_)


def _sizes(table: pa.Table, name: str) -> NDArray[np.int64]:
    sizes = table.column(name).combine_chunks()
    counts = pa.compute.fill_null(pa.compute.list_value_length(sizes), 0)
    return np.asarray(counts.to_numpy(zero_copy_only=False), dtype=np.int64)


def _flatten(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).combine_chunks().flatten()


def _flat(table: pa.Table, name: str) -> NDArray[np.float64]:
    values = _flatten(table, name)
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _wrong(table: pa.Table, name: str, wrong: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Count the wrong values of each row's list."""
    sizes = _sizes(table, name)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return np.bincount(owner, weights=wrong, minlength=len(sizes)).astype(np.float64)


def _sums(table: pa.Table, name: str) -> NDArray[np.float64]:
    sizes = _sizes(table, name)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return np.bincount(owner, weights=_flat(table, name), minlength=len(sizes)).astype(np.float64)
