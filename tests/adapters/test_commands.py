"""``--model hf:…`` on the command line: the table, the whole report, and options that clash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reportgen import pipeline
from reportgen.predictions import open_predictions
from tests.adapters.models import saved

NAMES = {"id2label": {0: "NEGATIVE", 1: "POSITIVE"}, "label2id": {"NEGATIVE": 0, "POSITIVE": 1}}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A transformer with the sample's classes, spelled otherwise."""
    return saved("bert", tmp_path_factory.mktemp("two") / "tiny-bert", **NAMES)


def test_a_table_is_predicted(model, tmp_path, invoke):
    out = tmp_path / "p.parquet"
    words = ["predict", "--model", f"hf:{model}", "--limit", "12", "--explain", "3", "--quiet"]
    ended = invoke(*words, "--out", str(out))
    assert (ended.code, ended.out) == (0, f"{out}\n")
    with open_predictions(out) as table:
        info, rows, columns = table.info, list(table), table.columns
    assert info.classes == ("NEGATIVE", "POSITIVE")
    assert {row.label for row in rows} == {"NEGATIVE", "POSITIVE"}
    assert info.model.name == "tiny-bert"
    assert info.model.settings["architecture"] == "BertForSequenceClassification"
    assert info.model.settings["transformers"].startswith("5")
    assert info.model.tokenizer.endswith("of a text the first 64")
    assert info.model.parameters > 1000
    assert info.weights.name == "attention of layer 3"
    assert info.weights.steps == (
        "attention from the first token",
        "mean over 4 heads",
        "word-pieces summed to words",
        "special tokens left out and the rest rescaled",
    )
    explained = [row.explanation for row in rows if row.explanation is not None]
    tested = [e for e in explained if e.attention_removed is not None]
    assert (len(tested), len(explained)) == (3, len(rows))
    assert "explain.attention_removed" in columns
    assert "explain.uniform" in columns
    assert all(e.uniform is not None for e in explained)
    assert all(e.gradients is not None for e in tested)


def test_a_report_is_made_in_one_command(model, tmp_path, invoke):
    ended = invoke(
        "run", "--model", f"hf:{model}", "--weights", "rollout", "--limit", "12", "--explain", "12",
        "--quiet", "--out", str(tmp_path),
    )  # fmt: skip
    assert ended.code == 0, ended.err
    run = tmp_path / "reviews" / "latest"
    inputs = json.loads((run / "inputs.json").read_text())
    assert inputs["predict"]["weights"] == "rollout"
    assert inputs["predict"]["model"]["name"] == "tiny-bert"
    assert len(inputs["checkpoint"]["sha256"]) == 64
    assert invoke("verify", str(run)).code == 0
    page = (run / "index.html").read_text()
    assert "BertForSequenceClassification" in page
    assert inputs["checkpoint"]["sha256"] in page


def test_the_page_lets_one_choose_among_the_heads(model, tmp_path, invoke):
    words = ["run", "--model", f"hf:{model}", "--limit", "12", "--explain", "0", "--quiet"]
    ended = invoke(*words, "--heads", "--pdf-examples", "0", "--out", str(tmp_path))
    assert ended.code == 0, ended.err
    run = tmp_path / "reviews" / "latest"
    assert json.loads((run / "inputs.json").read_text())["predict"]["heads"] is True
    with open_predictions(run / "predictions.parquet") as table:
        assert {len(row.heads) for row in table} == {4}
    assert "<option>4</option></select>" in (run / "index.html").read_text()


def test_a_run_of_a_checkpoint_has_no_inputs_of_a_transformer(tmp_path, invoke):
    words = ["run", "--limit", "3", "--explain", "0", "--pdf-examples", "0", "--quiet"]
    assert invoke(*words, "--out", str(tmp_path)).code == 0
    inputs = json.loads((tmp_path / "reviews" / "latest" / "inputs.json").read_text())
    assert inputs["predict"].keys() == {"batch_size", "device", "explain", "max_tokens"}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--weights", "rollout"], "--weights is for a transformer: give --model hf:FOLDER too"),
        (["--heads"], "--heads is for a transformer: give --model hf:FOLDER too"),
        (["--classes", "a,b"], "--classes is for a transformer: give --model hf:FOLDER too"),
        (["--model", "hf:x", "--checkpoint", "y"], "--checkpoint cannot be used with --model"),
        (["--model", "hf:x", "--tokenizer", "y"], "--tokenizer cannot be used with --model"),
        (
            ["--model", "x"],
            "--model 'x': write hf:FOLDER, or hf:NAME of a model in the hub's cache, as in hf:x",
        ),
        (["--model", "hf:x", "--weights", "y"], "--weights 'y': use attention, attention:LAYER"),
        (["--model", "hf:x", "--heads", "--weights", "rollout"], "--heads: rollout has no heads;"),
        (["--model", "hf:x", "--heads", "--weights", "gradients"], "--heads: gradients has no"),
        (["--classes", "a,a"], "'a,a' is not a list of distinct names"),
    ],
)
def test_options_that_clash_are_refused_in_a_line(words, line, tmp_path, invoke):
    ended = invoke("predict", *words, "--out", str(tmp_path / "p.parquet"), "--quiet")
    assert ended.code == 2
    assert line in ended.err
    assert "Traceback" not in ended.err


def test_labels_the_model_has_not_name_the_option(model, tmp_path, invoke):
    (tmp_path / "test.csv").write_text("text,label\nfine,good\n")
    words = ["predict", "--model", f"hf:{model}", "--data", str(tmp_path), "--quiet"]
    words += ["--out", str(tmp_path / "p.parquet")]
    ended = invoke(*words)
    assert ended.code == 1
    assert "unknown label 'good' (the model's classes: NEGATIVE, POSITIVE)" in ended.err
    assert "in their order: --classes NAME,NAME" in ended.err
    assert invoke(*words, "--classes", "bad,good").code == 0
    with open_predictions(tmp_path / "p.parquet") as table:
        assert table.info.classes == ("bad", "good")


@pytest.mark.parametrize("method", ["attention", "gradients"])
def test_the_bar_says_what_takes_the_time(method, model, tmp_path):
    from reportgen.predicting import prepare
    from reportgen.progress import Silent
    from reportgen.workspace import Workspace

    options = pipeline.PredictOptions(model=f"hf:{model}", weights=method, device="cpu", explain=0)
    prepared = prepare(pipeline.DataOptions(limit=2), options, Workspace(tmp_path), Silent())
    assert ("gradients" in prepared.predictor.activity) == (method == "gradients")
    assert prepared.info.weights.kind == ("attribution" if method == "gradients" else "attention")
