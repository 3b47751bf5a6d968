"""Where a report comes from: what is known stands there, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.analysis.findings import Findings
from reportgen.analysis.metrics import Scores, quality
from reportgen.predictions import Predictions
from reportgen.publish.words.provenance import provenance
from reportgen.publish.words.provenance import tested as on_the_cover
from reportgen.records import DataInfo, ModelInfo, RunInfo, Skipped, Weights
from tests.publish.small import COLUMNS, INFO, ROWS, numbers, opened, with_performance

FULL = ModelInfo(
    "a model",
    "tiny",
    tokenizer="words",
    checkpoint_sha256="c" * 64,
    parameters=1234,
    settings={"temperature": 1.25},
    training_log=({"epoch": 1}, {"epoch": 2}),
    training={
        "best": 2,
        "finished": False,
        "vectors": {"name": "glove"},
        "options": {"seed": 3, "dropout": 0.5, "learning_rate": 0.01, "other": 9},
    },
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with opened(tmp_path_factory.mktemp("provenance")) as report:
        yield report.predictions, report.findings


def lines(small: tuple[Predictions, Findings], info: RunInfo = INFO, **columns: Any) -> list[str]:
    predictions, findings = small
    shown = replace(predictions, info=info, **columns)
    found = list(provenance(shown, findings.performance))
    assert len({name for name, _ in found}) == len(found)
    return [f"{name}: {text}" for name, text in found]


def with_data(**data: Any) -> RunInfo:
    return replace(INFO, data=replace(INFO.data, **data))


def line(found: list[str], beginning: str) -> str:
    (only,) = [text for text in found if text.startswith(beginning)]
    return only


def new(found: list[str], known: list[str]) -> list[str]:
    return [text for text in found if text not in known]


def test_data_split_and_how_many_were_evaluated(small) -> None:
    known = lines(small)
    assert "small" in line(known, "Data:")
    assert "test" in line(known, "Data:")
    assert numbers(line(known, "Evaluated")) == [9, 9]
    sample = lines(small, with_data(rows=22_985))
    assert numbers(line(sample, "Evaluated")) == [9, 22_985, 7]
    assert new(sample, known) == [line(sample, "Evaluated")]
    unsaid = lines(small, with_data(rows=0, evaluated=0))
    assert line(unsaid, "Evaluated") == "Evaluated: 9 rows"
    assert line(lines(small, with_data(rows=50, evaluated=0)), "Evaluated").endswith("9 of 50 rows")
    unseeded = replace(with_data(rows=50, evaluated=9), seed=None)
    assert line(lines(small, unseeded), "Evaluated").endswith("9 of 50 rows (a random sample)")
    other = lines(small, with_data(rows=22_985, evaluated=22_985))  # not of this table
    assert numbers(line(other, "Evaluated")) == [9, 22_985, 22_985]
    assert "random sample" not in line(other, "Evaluated")
    sizes = lines(small, with_data(split_sizes={"train": 2500, "test": 9}))
    assert new(sizes, known) == [line(sizes, "Splits")]
    assert numbers(line(sizes, "Splits")) == [2500, 9]


def test_examples_are_counted(small) -> None:
    known = lines(small)
    assert numbers(line(known, "Class balance")) == [3, 33.3, 2, 22.2, 4, 44.4]
    tokens = sum(len(row.tokens) for row in ROWS)
    unknown = sum(int(row.unknown.sum()) for row in ROWS if row.unknown is not None)
    expected = [round(100 * unknown / tokens, 1), tokens]
    assert numbers(line(known, "Out of vocabulary")) == expected
    assert numbers(line(known, "Length")) == [4, 12]
    assert numbers(line(known, "Also in the training data")) == [1, 9]
    bare = lines(small, unknown_tokens=None, in_train=None)
    assert len(new(known, bare)) == 2
    assert new(bare, known) == []


def test_one_token_is_said_in_the_singular(small) -> None:
    found = line(lines(small, lengths=np.ones(9, dtype=np.int64)), "Length")
    assert "median 1 token, longest 1" in found


def test_tokens_that_were_not_read_are_counted(small) -> None:
    predictions, _ = small
    unread = np.zeros_like(predictions.lengths)
    assert not any(text.startswith("Not read") for text in lines(small, unread=unread))
    unread[:2] = (3, 4)
    total = f"{predictions.lengths.sum():,} tokens, in 2 of {len(predictions):,} texts"
    assert line(lines(small, unread=unread), "Not read") == f"Not read: 7 of {total}"


def test_texts_without_a_token_have_no_share_of_unknown_words(small) -> None:
    nothing = np.zeros(9, dtype=np.int64)
    found = line(lines(small, lengths=nothing, unknown_tokens=nothing), "Out of vocabulary")
    assert numbers(found) == [0]


def test_what_was_left_out_is_told_where_anything_was(small) -> None:
    known = lines(small)
    rows = tuple(Skipped("f.csv", i, "short") for i in range(3))
    (skipped,) = new(lines(small, with_data(skipped=rows)), known)
    assert numbers(skipped) == [3]
    (replaced,) = new(lines(small, with_data(replaced_characters=2345)), known)
    assert numbers(replaced) == [2345]
    (hashed,) = new(lines(small, with_data(sha256="d" * 64)), known)
    assert "d" * 64 in hashed


def test_the_model_and_its_training(small) -> None:
    known = lines(small)
    bare = lines(small, replace(INFO, model=ModelInfo("only a name")))
    assert line(bare, "Model") == "Model: only a name"
    found = new(lines(small, replace(INFO, model=FULL, max_tokens=400)), known)
    assert len(found) == 7
    assert numbers(line(found, "Parameters")) == [1234]
    assert "words" in line(found, "Tokenizer")
    assert "glove" in line(found, "Word vectors")
    assert numbers(line(found, "Temperature")) == [1.25]
    assert "c" * 64 in line(found, "Checkpoint")
    (read,) = [text for text in found if numbers(text) == [400]]
    assert "400 tokens" in read
    training = line(found, "Training")
    assert numbers(training) == [2, 2, 0.01, 0.5, 3]
    places = [training.index(name) for name in ("learning rate", "dropout", "seed")]
    assert places == sorted(places)
    assert "other" not in training


def test_training_tells_only_what_is_known(small) -> None:
    def training(**changes: Any) -> str:
        model = replace(FULL, training={**FULL.training, **changes})
        return line(lines(small, replace(INFO, model=model)), "Training")

    whole = training(finished=True)
    assert len(whole) < len(training(finished=False))
    assert whole == training(finished=None)
    assert numbers(training(best=None)) == [2, 0.01, 0.5, 3]
    assert numbers(training(options="lost")) == [2, 2]
    no_vectors = lines(small, replace(INFO, model=replace(FULL, training={"vectors": None})))
    assert not [text for text in no_vectors if text.startswith("Word vectors")]
    no_log = lines(small, replace(INFO, model=replace(FULL, training_log=())))
    assert not [text for text in no_log if text.startswith("Training")]


def test_a_temperature_of_one_is_none(small) -> None:
    model = replace(FULL, settings={"temperature": 1.0})
    found = lines(small, replace(INFO, model=model))
    assert not [text for text in found if text.startswith("Temperature")]


def test_of_many_classes_the_most_frequent_are_named_and_the_others_counted(small) -> None:
    def balance(count: int) -> str:
        """Classes of one example each, but for the last, of ten."""
        gold = np.concatenate([np.arange(count), np.full(9, count - 1)])
        measured = quality(
            Scores.of(gold, np.eye(count)[gold]), tuple(f"c{i}" for i in gold[:count])
        )
        changed = with_performance(small[1], quality=measured).performance
        return dict(provenance(small[0], changed))["Class balance"]

    assert balance(20).startswith("c0 1 (3.4")
    assert "c19 10" in balance(20)
    assert "further" not in balance(20)
    assert balance(21).startswith("c20 10 (33.3")
    assert numbers(balance(21))[-2:] == [1, 1]
    assert "1 further class " in balance(21)
    assert "5 further classes 5" in balance(25)


def test_the_table_of_these_tests_has_every_optional_column(tmp_path: Path) -> None:
    with opened(tmp_path) as report:
        assert set(COLUMNS) <= set(report.predictions.columns)
        assert isinstance(report.info.data, DataInfo)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (None, ""),
        (Weights(), ""),
        (Weights(steps=("a done", "b done")), "attention of the model; a done; b done"),
        (Weights(name="rollout", of="pos"), "rollout"),
        (Weights("attribution"), "attributions (predicted class)"),
        (Weights("attribution", "SHAP values", "pos", ("x",)), "SHAP values (pos); x"),
    ],
)
def test_what_the_weights_are_is_said(small: Any, weights: Weights | None, said: str) -> None:
    found = [line for line in lines(small, replace(INFO, weights=weights)) if "Weights" in line]
    assert found == ([f"Weights: {said}"] if said else [])


def test_the_cover_names_data_and_model_and_how_many_only_where_not_all(small: Any) -> None:
    predictions, findings = small

    def names(rows: int) -> list[str]:
        info = replace(with_data(rows=rows, evaluated=9), model=FULL)
        shown = replace(predictions, info=info)
        return [name for name, _ in on_the_cover(shown, findings.performance)]

    assert len(predictions) == 9
    assert names(9) == ["Data", "Model"]
    assert names(20) == ["Data", "Evaluated", "Model"]
