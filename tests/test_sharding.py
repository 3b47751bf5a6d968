"""Workers predict and explain what one process does, to the last bit."""

from __future__ import annotations

import pickle
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from reportgen import pipeline, predictors, sharding
from reportgen.classifier import inference
from reportgen.classifier.processor import one_thread
from reportgen.errors import CheckpointError
from reportgen.executors import InProcess, Pool
from reportgen.options import PredictOptions
from reportgen.predicting import SAMPLE_CHECKPOINT
from reportgen.predictors import Predictor, open_checkpoint
from reportgen.records import Example
from reportgen.sharding import explained, open_workers, predicted

DATA = pipeline.DataOptions(limit=20)


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return open_checkpoint(SAMPLE_CHECKPOINT, PredictOptions(), "cpu")


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "CHUNK", 8)


class Serial:
    """Runs tasks as workers would, in this process, and counts them."""

    def __init__(self, remote: bool = False) -> None:
        self.sizes: list[int] = []
        self.remote = remote

    def map(self, function, tasks):  # type: ignore[no-untyped-def]
        for task in tasks:
            self.sizes.append(len(task))
            yield function(task)

    def bind(self, function, value):  # type: ignore[no-untyped-def]
        return partial(function, pickle.loads(pickle.dumps(value)))


def examples(count: int, length: int = 5) -> list[Example]:
    return [
        Example(str(i), " ".join(["a good film"] * (1 + i % length)), "positive")
        for i in range(count)
    ]


@pytest.mark.usefixtures("_small_chunks")
def test_the_table_has_the_same_bytes_for_any_number_of_workers(tmp_path: Path) -> None:
    tables = []
    for workers in (1, 2):
        path = tmp_path / f"{workers}.parquet"
        options = pipeline.PredictOptions(explain=3)
        execution = pipeline.Execution(workers)
        pipeline.predict(DATA, options, pipeline.Workspace(tmp_path), path, execution)
        tables.append(path.read_bytes())
    assert tables[0] == tables[1]


@pytest.mark.usefixtures("_small_chunks")
def test_chunks_are_shared_out_and_come_back_in_order(predictor: Predictor) -> None:
    executor = Serial()
    found = list(predicted(predictor, examples(20), executor))
    assert executor.sizes == [8, 8, 4]
    assert [prediction.id for prediction in found] == [str(i) for i in range(20)]


@pytest.mark.usefixtures("_small_chunks")
def test_what_one_process_predicts_at_a_time_is_predicted_here(predictor: Predictor) -> None:
    executor = Serial()
    assert len(list(predicted(predictor, examples(8), executor))) == 8
    assert executor.sizes == []


@pytest.mark.usefixtures("_small_chunks")
def test_a_machine_that_lacks_the_checkpoint_gets_its_files(tmp_path: Path) -> None:
    folder = shutil.copytree(SAMPLE_CHECKPOINT, tmp_path / "checkpoint")
    moved = open_checkpoint(folder, PredictOptions(), "cpu")
    source = moved.source.packed()  # type: ignore[union-attr]
    here = list(moved.predict(examples(20)))
    assert sharding._sent(moved.source, Serial()).files == {}  # type: ignore[arg-type]
    assert sharding._sent(moved.source, Serial(remote=True)).files  # type: ignore[arg-type]
    shutil.rmtree(folder)
    opened = pickle.loads(pickle.dumps(source)).open()
    assert opened.sha256 == moved.sha256
    for one, other in zip(here, opened.predict(examples(20)), strict=True):
        np.testing.assert_array_equal(one.logits, other.logits)


def test_a_model_larger_than_a_cluster_is_sent_is_refused(predictor, monkeypatch) -> None:
    monkeypatch.setattr(predictors, "LARGEST", 1_000_000)
    with pytest.raises(CheckpointError) as caught:
        predictor.source.packed()
    assert re.search(
        r"checkpoint: its files have \d+\.\d GB, and a cluster is sent no more than 0 GB; predict"
        r" without --scheduler$",
        str(caught.value),
    )


def test_a_transformer_leaves_this_machine_only_for_a_cluster(predictor: Predictor) -> None:
    alone = SimpleNamespace(source=replace(predictor.source, alone=True))  # type: ignore[type-var]
    with open_workers(alone, examples(900), 0, 2) as executor:  # type: ignore[arg-type]
        assert isinstance(executor, InProcess)
    remote = Serial(remote=True)
    with open_workers(alone, examples(1), 0, remote) as executor:  # type: ignore[arg-type]
        assert executor is remote
    on_gpu = SimpleNamespace(source=None)
    with open_workers(on_gpu, examples(1), 0, remote) as executor:  # type: ignore[arg-type]
        assert isinstance(executor, InProcess)


def test_groups_are_explained_by_workers(predictor: Predictor) -> None:
    executor = Serial()
    rows = list(predictor.predict(examples(12, 12)))
    shared = dict(explained(predictor, iter(rows), 3, executor))
    alone = dict(explained(predictor, iter(rows), 3, InProcess()))
    assert len(executor.sizes) > 1
    assert sum(executor.sizes) == 12
    assert shared.keys() == alone.keys()
    for id_, one in alone.items():
        np.testing.assert_array_equal(shared[id_].random_removed, one.random_removed)
        np.testing.assert_array_equal(shared[id_].gradients, one.gradients)


def test_a_brief_explanation_is_of_other_weights_alone(predictor: Predictor) -> None:
    rows = list(predictor.predict(examples(9, 9)))
    whole = dict(explained(predictor, iter(rows), 3, InProcess()))
    brief = dict(explained(predictor, iter(rows), 3, Serial(), briefly=True))
    assert brief.keys() == whole.keys()
    for id_, one in brief.items():
        np.testing.assert_array_equal(one.uniform, whole[id_].uniform)
        assert one.permuted is not None
        assert one.attention_removed is None
        assert one.gradients is None


def test_a_checkpoint_that_changed_meanwhile_is_refused(predictor: Predictor) -> None:
    assert predictor.source is not None
    with pytest.raises(CheckpointError, match="the checkpoint has changed; run again"):
        replace(predictor.source, sha256="0" * 64).open()


@pytest.mark.parametrize(
    ("count", "explain", "workers", "pool"),
    [
        (3, 0, None, False),  # a moment's work
        (3, 3, None, True),  # explaining takes long
        (900, 0, None, True),
        (3, 0, 2, True),  # asked for
        (900, 0, 1, False),
    ],
)
def test_workers_start_where_they_pay(
    predictor: Predictor,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    explain: int,
    workers: int | None,
    pool: bool,
) -> None:
    monkeypatch.setattr(sharding, "worker_count", lambda asked: asked or 2)
    rows = [Example(str(i), "x" * 20_000, None) for i in range(count)]
    with open_workers(predictor, rows, explain, workers) as executor:
        assert isinstance(executor, Pool if pool else InProcess)


def test_a_model_that_no_other_process_can_open_stays_here() -> None:
    class Here:
        source = None

        def predict(self, given: list[Example]) -> Iterator[str]:
            return (example.id for example in given)

    with open_workers(Here(), examples(3), 3, 2) as executor:  # type: ignore[arg-type]
        assert isinstance(executor, InProcess)
    assert list(predicted(Here(), examples(3), Serial())) == ["0", "1", "2"]  # type: ignore[arg-type]


def test_a_gpu_is_not_shared() -> None:
    predictor = open_checkpoint(SAMPLE_CHECKPOINT, PredictOptions(), "cpu")
    assert replace(predictor, device="cuda").source is None  # type: ignore[type-var]


def test_it_computes_with_one_thread_and_gives_the_others_back(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    softmax = torch.softmax
    monkeypatch.setattr(
        torch, "softmax", lambda *a, **k: seen.append(torch.get_num_threads()) or softmax(*a, **k)
    )
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        rows = list(predictor.predict(examples(2)))
        list(predictor.explain(rows, 1))
        assert torch.get_num_threads() == 3
        with pytest.raises(ValueError, match="x"), one_thread():
            raise ValueError("x")
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert seen
    assert set(seen) == {1}
