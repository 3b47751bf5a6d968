"""The evaluation as a user meets it: explained runs, calibration, bounds, slices, duplicates."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pypdf
import pytest

from reportgen import pipeline
from reportgen.classifier.temperature import fit_temperature
from reportgen.errors import PredictionsError, TrainingError
from reportgen.options import ReportOptions
from reportgen.predictions import open_predictions
from reportgen.publish.words.cards import SUPPORT, WARNINGS
from tests.conftest import checkpoint_of


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 60 sample reviews, eight of them explained, written whole into the PDF."""
    return pipeline.run(
        pipeline.DataOptions(limit=60),
        pipeline.PredictOptions(explain=8, device="cpu"),
        ReportOptions(pdf_examples=None),
        pipeline.Workspace(tmp_path_factory.mktemp("explained")),
        pipeline.Execution(),
    ).folder


def test_the_report_says_what_removal_found(explained):
    metrics = json.loads((explained / "metrics.json").read_text())
    judged = metrics["attention"]
    lost = {way["name"]: way["drops"][2] for way in judged["ways"]}
    text = (explained / "index.html").read_text().replace("\xa0", " ")
    said = (
        f"removing the 10 % most-attended words lowers the confidence by"
        f" {lost['attention']:.2f} on average, removing random words by {lost['random']:.2f}"
    )
    assert judged["examples"] == 8
    assert said in text
    assert "bootstrap over 8 sampled examples" in text
    for fact in (
        "Does attention point at words that matter?",
        "How does that compare with integrated gradients?",
        "Do the answers depend on attention?",
    ):
        assert f"<dt>{fact}</dt>" in text
    pdf = pypdf.PdfReader(explained / "report.pdf")
    pages = " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)
    assert said in pages


def test_cards_say_whether_their_attention_is_supported(explained):
    rows = list(csv.DictReader((explained / "predictions.csv").read_text().splitlines()))
    tested = [row for row in rows if row["attention"]]
    assert len(tested) == 8
    text = (explained / "index.html").read_text().split("<template")[0]
    for kind, flag in SUPPORT[False].items():
        count = sum(row["attention"] == kind.value for row in tested)
        style = "flag warning" if flag in WARNINGS else "flag"
        assert text.count(f'<span class="{style}">{flag}</span>') == count
    assert text.count('<details class="gradients">') == 8
    judged = json.loads((explained / "metrics.json").read_text())["attention"]
    assert judged["supported"] == sum(row["attention"] == "supported" for row in tested)


def test_every_measure_stands_in_the_report_with_interval_and_method(explained):
    metrics = json.loads((explained / "metrics.json").read_text())
    text = (explained / "index.html").read_text()
    assert metrics["schema"] == 3
    for measure in metrics["metrics"].values():
        assert f"<bdi>{measure['title']}</bdi>" in text
        assert measure["low"] <= measure["value"] <= measure["high"]
        assert measure["low"] < measure["high"]


def test_explanations_pass_the_seam(explained):
    with open_predictions(explained / "predictions.parquet") as predictions:
        rows = [row for row in predictions if row.explanation is not None]
    assert len(rows) == sum(row.explanation.uniform is not None for row in rows) == 60
    tested = [row for row in rows if row.explanation.gradients is not None]
    assert len(tested) == 8
    for row in tested:
        assert row.explanation.random_removed.shape in ((20, 5), (50, 5), (99, 5))
        assert row.explanation.gradients.shape == (len(row.tokens),)


def test_a_column_of_another_measurement_is_refused(explained, tmp_path):
    import pyarrow.parquet as pq

    table = pq.read_table(explained / "predictions.parquet")
    path = tmp_path / "part.parquet"
    swapped = table.set_column(
        table.column_names.index("explain.gradients"), "explain.gradients", table["explain.uniform"]
    )
    pq.write_table(swapped, path)
    with (
        pytest.raises(PredictionsError, match=r"explain\.gradients has the wrong number"),
        open_predictions(path),
    ):
        pass


def test_without_explaining_the_report_says_so(tmp_path):
    run = pipeline.run(
        pipeline.DataOptions(limit=20),
        pipeline.PredictOptions(explain=0, device="cpu"),
        ReportOptions(pdf_examples=1),
        pipeline.Workspace(tmp_path),
        pipeline.Execution(),
    ).folder
    text = (run / "index.html").read_text()
    assert "not tested" in text
    assert json.loads((run / "metrics.json").read_text())["attention"] is None


def test_texts_that_were_trained_on_are_counted_and_marked(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "twice").mkdir()
    lines = [f'"film number {i} is fine",{("negative", "positive")[i % 2]}' for i in range(40)]
    (tmp_path / "twice" / "train.csv").write_text("text,label\n" + "\n".join(lines[:30]))
    changed = lines[25].replace("film", "FILM  ")  # case and white space make no difference
    (tmp_path / "twice" / "test.csv").write_text("text,label\n" + "\n".join([changed, *lines[29:]]))
    checkpoint = checkpoint_of(tmp_path / "twice" / "train.csv", tmp_path / "checkpoint")
    done = invoke("--data", "twice", "--checkpoint", str(checkpoint), "--explain", "0", "--quiet")
    assert done.code == 0, done.err
    run = (tmp_path / "reports" / "twice" / "latest").resolve()
    assert json.loads((run / "metrics.json").read_text())["in_train"] == 2
    text = (run / "index.html").read_text().split("<template")[0]
    assert text.count(">this text is also in the training data</span>") == 2  # cards, not a filter
    assert "2 of 12 texts" in text


def test_slices_of_a_further_column(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kinds").mkdir()
    rows = "\n".join(
        f'"a fine film {i}",{("negative", "positive")[i % 2]},{("a", "b")[i % 2]}'
        for i in range(80)
    )
    (tmp_path / "kinds" / "test.csv").write_text(f"text,label,kind\n{rows}")
    words = ("--data", "kinds", "--checkpoint", str(pipeline.SAMPLE_CHECKPOINT), "--explain", "0")
    done = invoke(*words, "--slice", "kind", "--quiet")
    assert done.code == 0, done.err
    metrics = json.loads(Path("reports/kinds/latest/metrics.json").read_text())
    found = {s["name"]: s for s in metrics["slices"] if s["group"] == "kind"}
    assert {"a", "b"} == set(found)
    assert found["a"]["count"] == 40
    assert found["a"]["p"] < 0.001  # all of one kind have one label, and one answer is always given
    wrong = invoke(*words, "--slice", "sort", "--quiet")
    assert (wrong.code, wrong.err) == (
        2, "error: --slice sort: the data have no such column (further columns: kind)\n"
    )  # fmt: skip


def test_bounds_end_with_their_own_code_after_the_report(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("--limit", "20", "--explain", "0", "--quiet")
    done = invoke(*words, "--fail-under", "accuracy=0.999", "--fail-over", "ece=0.0001")
    assert done.code == 3
    assert Path("reports/reviews/latest/report.pdf").is_file()
    assert "error: accuracy is 0." in done.err
    assert "below the bound of 0.999" in done.err
    assert "above the bound of 0.0001" in done.err
    good = invoke(*words, "--fail-under", "accuracy=0.1", "--out", "other")
    assert (good.code, good.err) == (0, "")
    unknown = invoke(*words, "--fail-under", "acuracy=0.5")
    assert unknown.code == 2
    assert "--fail-under acuracy: no such metric; known: accuracy, " in unknown.err
    assert invoke(*words, "--fail-under", "accuracy").code == 2
    assert invoke(*words, "--fail-over", "recall.positive=x").code == 2


def test_calibration_keeps_the_answers_and_lowers_the_loss(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoint = str(pipeline.SAMPLE_CHECKPOINT)
    done = invoke("calibrate", checkpoint, "--out", "calibrated", "--quiet")
    assert done.code == 0, done.err
    temperature = float(done.out.split()[1])
    assert temperature > 1  # the sample's model is too sure
    again = invoke("calibrate", checkpoint, "--out", "calibrated")
    assert (again.code, again.err) == (
        1, "error: calibrated: already exists; choose another --out\n"
    )  # fmt: skip
    found = {}
    for name, folder in (("before", checkpoint), ("after", "calibrated")):
        words = ("--split", "valid", "--checkpoint", folder, "--explain", "0", "--quiet")
        assert invoke(*words, "--out", name).code == 0
        found[name] = json.loads(Path(name, "reviews", "latest", "metrics.json").read_text())
    before, after = (found[name]["metrics"] for name in ("before", "after"))
    assert after["accuracy"]["value"] == before["accuracy"]["value"]
    assert after["log_loss"]["value"] < before["log_loss"]["value"]
    assert found["after"]["ece_before_temperature"]["error"] == pytest.approx(
        before["ece"]["value"], abs=1e-5
    )
    text = Path("after/reviews/latest/index.html").read_text()
    assert f"({before['ece']['value']:.3f} before a temperature was fitted)" in text
    assert f"{temperature:.3f}, fitted on validation examples" in text


def test_the_temperature_is_the_best_of_a_grid():
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 3, 4000)
    logits = 3 * (rng.normal(size=(4000, 3)) + np.eye(3)[gold])  # three times too sure
    found = fit_temperature(logits, gold)

    def loss(temperature):
        scaled = logits / temperature
        scaled = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return -scaled[np.arange(4000), gold].mean()

    grid = np.linspace(0.5, 6, 500)
    assert found == pytest.approx(grid[np.argmin([loss(t) for t in grid])], abs=0.02)
    assert found == pytest.approx(3, rel=0.1)


def test_no_temperature_where_every_answer_is_right():
    with pytest.raises(TrainingError, match="no temperature from"):
        fit_temperature(100 * np.eye(2), [0, 1])
