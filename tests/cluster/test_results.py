"""From the same data a cluster gives the same bytes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from reportgen import pipeline
from reportgen.classifier import inference
from reportgen.cluster import Cluster
from reportgen.predictions import open_predictions, write_predictions
from reportgen.progress import Silent
from tests.adapters.models import saved
from tests.cluster.conftest import Running
from tests.cluster.tasks import Killing, process
from tests.conftest import SAMPLE
from tests.publish.conftest import EPOCH, HOSTILE, info, prediction

pytest.importorskip("distributed")


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_report_has_the_same_bytes_also_where_a_worker_is_killed(
    running: Running, opened: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    texts = [*HOSTILE.items(), *((f"more-{i}", f"plain text {i} " * 9) for i in range(200))]
    table = running.hidden / "table.parquet"
    rows = [prediction(id_, text, i) for i, (id_, text) in enumerate(texts)]
    write_predictions(table, info(rows=len(rows), evaluated=len(rows)), rows, ["topic"])
    progress = Killing("heatmaps", next(iter(opened.map(process, [1]))))
    folders = []
    for name, scheduler in (("here", None), ("there", running.address)):
        done = pipeline.render(
            table,
            pipeline.ReportOptions(pdf_examples=8, review=True),
            pipeline.Workspace(running.hidden / name, "x"),
            pipeline.Execution(1, progress if scheduler else Silent(), scheduler),
        )
        folders.append(files_of(done.folder))
    assert progress.victim == 0
    assert [line for line in progress.said if "worker" in line] == []
    assert len(folders[0]) > 220
    assert folders[0].keys() == folders[1].keys()
    assert [name for name in folders[0] if folders[0][name] != folders[1][name]] == []


def test_predictions_and_explanations_have_the_same_bytes(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "CHUNK", 8)
    checkpoint = running.hidden / "checkpoint"
    shutil.copytree(SAMPLE / "checkpoint", checkpoint)
    tables = []
    for name, scheduler in (("here", None), ("there", running.address)):
        tables.append(running.hidden / f"{name}.parquet")
        pipeline.predict(
            pipeline.DataOptions(limit=30),
            pipeline.PredictOptions(explain=9),
            pipeline.Workspace(running.hidden, checkpoint=checkpoint),
            tables[-1],
            pipeline.Execution(1, scheduler=scheduler),
        )
    assert tables[0].read_bytes() == tables[1].read_bytes()


def test_a_transformer_is_sent_to_the_workers(running: Running) -> None:
    names = {"id2label": {0: "neg", 1: "pos"}, "label2id": {"neg": 0, "pos": 1}}
    model = saved("bert", running.hidden / "tiny-bert", **names)
    tables = []
    for name, scheduler in (("own", None), ("theirs", running.address)):
        tables.append(running.hidden / f"bert-{name}.parquet")
        pipeline.predict(
            pipeline.DataOptions(limit=11),
            pipeline.PredictOptions(
                explain=2, model=f"hf:{model}", batch_size=2, classes=("negative", "positive")
            ),
            pipeline.Workspace(running.hidden),
            tables[-1],
            pipeline.Execution(1, scheduler=scheduler),
        )
    with open_predictions(tables[0]) as here, open_predictions(tables[1]) as there:
        for one, other in zip(here, there, strict=True):
            assert (one.id, one.tokens) == (other.id, other.tokens)
            np.testing.assert_allclose(one.logits, other.logits, atol=1e-6, rtol=0)
            np.testing.assert_allclose(one.attention, other.attention, atol=1e-6, rtol=0)
