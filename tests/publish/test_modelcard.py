"""A model card says what the report says, and is read back by the hub's own reader."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import ModelCard

from reportgen.errors import ArchiveError, DependencyError, ReportgenError, UsageError
from reportgen.publish.archive import run_digest
from reportgen.publish.modelcard import write_card
from reportgen.publish.verification import verify
from reportgen.publish.words.attention import attention
from reportgen.records import DataInfo, ModelInfo, Skipped
from tests.publish import unlabelled
from tests.publish.sealed import sealed
from tests.publish.small import ATTRIBUTIONS, CLASSES, INFO, ROWS, row
from tests.publish.test_markdown import HOSTILE, PARSER, texts

LABELLED = [unlabelled.example(i) for i in range(2 * unlabelled.COUNT)]


def card_of(folder: Path, place: Path) -> tuple[ModelCard, str]:
    written = write_card(folder, place / "card.md")
    return ModelCard.load(written), written.read_text(encoding="utf-8")


def sections(card: ModelCard) -> dict[str, str]:
    parts = re.split(r"^#+ (.*)$", card.text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_hub_reads_every_measure_with_its_interval(tmp_path: Path) -> None:
    folder, findings = sealed(tmp_path, LABELLED)
    card, text = card_of(folder, tmp_path)
    assert findings.performance is not None
    measures = findings.performance.measures
    results = {result.metric_name.partition(",")[0]: result for result in card.data.eval_results}
    accuracy = results["Accuracy"]
    found = measures["accuracy"]
    assert (accuracy.metric_type, accuracy.metric_value) == ("accuracy", found.value)
    ends = f"{found.low:.3f} to {found.high:.3f}"
    assert accuracy.metric_name == f"Accuracy, 95 % interval {ends} (Wilson)"
    assert (accuracy.task_type, accuracy.dataset_type) == ("text-classification", "small")
    assert (accuracy.dataset_name, accuracy.dataset_split) == ("small", "test")
    kinds = [(r.metric_type, r.metric_args, r.metric_value) for r in card.data.eval_results]
    macro = {"average": "macro"}
    assert ("f1", macro, measures["macro_f1"].value) in kinds
    assert ("precision", macro, measures["macro_precision"].value) in kinds
    assert ("recall", macro, measures["macro_recall"].value) in kinds
    assert ("matthews_correlation", None, measures["mcc"].value) in kinds
    assert ("brier_score", None, measures["brier"].value) in kinds
    assert ("log_loss", None, measures["log_loss"].value) in kinds
    assert len(kinds) == sum("." not in name for name in measures) == 13
    assert card.data.pipeline_tag == "text-classification"
    assert card.data.metrics == [
        "accuracy", "precision", "recall", "f1", "matthews_correlation", "roc_auc", "brier_score",
    ]  # fmt: skip
    assert card.data.model_name == "a model"
    assert str(card) == text


def test_it_says_what_the_report_says(tmp_path: Path) -> None:
    folder, findings = sealed(tmp_path, LABELLED)
    card, _ = card_of(folder, tmp_path)
    metrics = json.loads((folder / "metrics.json").read_text())
    told = texts(card.text.replace("**", "").replace("`", ""))
    assert told[0] == "a model"
    assert card.text.startswith("\n# a model\n\n**")
    assert "Recall of bad" not in sections(card)["Measures"]
    assert f"**{metrics['headline']}.** {metrics['lede']}" in card.text.replace("\\", "")
    paragraphs = list(attention(findings))[:-1]  # the last is no test
    assert len(paragraphs) >= 3
    assert set(paragraphs) <= set(told)
    assert findings.performance is not None
    counts = findings.performance.quality.matrix().tolist()
    table = sections(card)["Confusion of classes"]
    for name, line in zip(CLASSES, counts, strict=True):
        assert f"| {name} | {' | '.join(map(str, line))} |" in table
    recall = findings.performance.measures["recall.bad"]
    low, high = 100 * recall.low, 100 * recall.high
    shown = f"{100 * recall.value:.1f} % ({low:.1f} to {high:.1f} %)".replace(
        " %", "\N{NO-BREAK SPACE}%"
    )
    (line,) = [x for x in sections(card)["Classes"].splitlines() if x.startswith("| bad |")]
    assert shown in line
    assert f"reportgen verify RUN --digest {run_digest(folder)}" in card.text
    assert "`metrics.json`" in card.text
    assert "`report.pdf`" not in card.text  # this run has none


def test_limits_are_named(tmp_path: Path) -> None:
    data = DataInfo(
        "small", "test", rows=500, evaluated=120, skipped=(Skipped("a.csv", 3, "no label"),)
    )
    rows = [
        replace(r, in_train=i == 7, label=r.label if i else None) for i, r in enumerate(LABELLED)
    ]
    folder, _ = sealed(tmp_path, rows, replace(INFO, data=data, max_tokens=9))
    limits = texts(sections(card_of(folder, tmp_path)[0])["Limits"])
    assert limits[:5] == [
        "Measured on small, split test: the numbers hold for texts like those, not for others.",
        "1 of 120 examples has no label and counts in no measure.",
        "1 text of these is in the training data too.",
        "Only the first 9 tokens of each text were read.",
        "1 row of the data was left out as unusable.",
    ]
    assert limits[5].startswith("No group of 30 or more is shown to be less accurate than")
    assert limits[-1] == "Attention shows where the model looked, not why it decided."


def test_a_worse_group_is_named(tmp_path: Path) -> None:
    rows = [
        row(
            f"{i}",
            "bad" if i % 2 else "good",
            (0.1, 0.2, 0.7),
            ("a", "b"),
            extra={"from": "x" if i % 2 else "y"},
        )
        for i in range(80)
    ]
    folder, _ = sealed(tmp_path, rows, slices=("from",))
    limits = sections(card_of(folder, tmp_path)[0])["Limits"].replace("\N{NO-BREAK SPACE}", " ")
    assert "Less accurate than the other examples, in " in limits
    assert "from x: 0.0 % (0.0 to 8.8 %) of 40 examples, against 100.0 %" in limits


def test_few_examples_draw_no_conclusions(tmp_path: Path) -> None:
    limits = texts(sections(card_of(sealed(tmp_path)[0], tmp_path)[0])["Limits"])
    assert limits[1] == "With 9 labelled examples no conclusions can be drawn."


def test_without_labels_there_are_no_measures(tmp_path: Path) -> None:
    folder, _ = sealed(tmp_path, unlabelled.NONE)
    card, text = card_of(folder, tmp_path)
    assert card.data.eval_results is None
    assert card.data.metrics is None
    assert "model-index" not in text
    assert {"Measures", "Classes", "Confusion of classes"}.isdisjoint(sections(card))
    limits = texts(sections(card)["Limits"])
    assert (
        limits[1] == "No example has a label, so nothing is known of how often the model is right."
    )


def test_what_was_not_tested_is_said(tmp_path: Path) -> None:
    rows = [replace(r, explanation=None) for r in ROWS]
    card, _ = card_of(sealed(tmp_path / "a", rows)[0], tmp_path / "a")
    assert "The attention was not tested." in sections(card)["Is the attention faithful?"]
    card, _ = card_of(sealed(tmp_path / "b", rows, ATTRIBUTIONS)[0], tmp_path / "b")
    told = sections(card)
    assert "The attributions were not tested." in told["Are the attributions faithful?"]
    assert "Another method may divide an answer" in told["Limits"]


def test_many_classes_have_their_mistakes_in_place_of_a_matrix(tmp_path: Path) -> None:
    names, at = tuple(f"c{i:02}" for i in range(14)), np.arange(14)
    rows = [
        row(f"{i}", names[i % 14], np.where(at == (i // 14 + i) % 14, 0.5, 0.5 / 13), ("a",))
        for i in range(42)
    ]
    folder, findings = sealed(tmp_path, rows, replace(INFO, classes=names))
    card, _ = card_of(folder, tmp_path)
    assert findings.performance is not None
    first = findings.performance.quality.mistakes[0]
    line = f"| {first.label} | {first.predicted} | {first.count} | {first.support} |"
    assert line in sections(card)["Confusion of classes"]
    assert sections(card)["Confusion of classes"].count("\n| c") == 20
    assert "The 20 most frequent of 28 pairs that are confused;" in card.text
    assert {m.metric_type for m in card.data.eval_results} >= {"accuracy", "f1"}


def test_up_to_twelve_classes_have_a_matrix(tmp_path: Path) -> None:
    names, at = tuple(f"c{i:02}" for i in range(12)), np.arange(12)
    rows = [
        row(name, name, np.where(at == i, 0.5, 0.5 / 11), ("a",)) for i, name in enumerate(names)
    ]
    card, _ = card_of(sealed(tmp_path, rows, replace(INFO, classes=names))[0], tmp_path)
    lines = sections(card)["Confusion of classes"].strip().splitlines()
    assert lines[0] == f"| label ↓, predicted → | {' | '.join(names)} |"
    assert lines[-1] == f"| c11 | {'0 | ' * 11}1 |"


def test_many_classes_and_no_mistake(tmp_path: Path) -> None:
    names, at = tuple(f"c{i:02}" for i in range(14)), np.arange(14)
    rows = [
        row(f"{i}", name, np.where(at == i, 0.5, 0.5 / 13), ("a",)) for i, name in enumerate(names)
    ]
    card, _ = card_of(sealed(tmp_path, rows, replace(INFO, classes=names))[0], tmp_path)
    confusion = sections(card)["Confusion of classes"].strip()
    assert confusion == "No class is predicted in place of another."


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    hostile = [text for text in HOSTILE if text.strip() and text.isprintable()][:3]
    hostile += ["a: b\n---\n# no", "null", "1e3"]
    data = replace(INFO.data, name="d: [x]\n---\n- *y* |", split="te'st\"\n---")
    info = replace(
        INFO,
        classes=tuple(hostile[-3:]),
        data=data,
        model=ModelInfo("{{ m }}\n---\n<b>", "yes: no"),
    )
    rows = [replace(r, label=hostile[-3:][CLASSES.index(str(r.label))]) for r in ROWS]
    card, text = card_of(sealed(tmp_path, rows, info)[0], tmp_path)
    assert card.data.model_name == "{{ m }} --- <b>"
    assert {r.dataset_name for r in card.data.eval_results} == {"d: [x] --- - *y* |"}
    assert {r.dataset_split for r in card.data.eval_results} == {"te'st\" ---"}
    assert text.count("\n---\n") == 1
    told = texts(re.sub(r"^\*\*.*$", "", card.text, flags=re.M).replace("`", ""))
    assert told[0] == "{{ m }} --- <b>"
    assert "a: b --- # no" in told
    assert {"null", "1e3"} <= set(told)
    kinds = {token.type for token in PARSER.parse(card.text)}
    assert not {"html_block", "hr", "fence", "code_block"} & kinds


def test_the_file_is_new_and_the_run_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = sealed(tmp_path)
    place = write_card(folder.with_name("latest"))
    assert place == folder.with_name(f"{folder.name}-card.md").resolve()
    before = place.read_bytes()
    with pytest.raises(ReportgenError, match=r"-card.md: already exists; choose another --out"):
        write_card(folder)
    assert place.read_bytes() == before
    assert write_card(folder, tmp_path / "new" / "README.md").read_bytes() == before
    with pytest.raises(UsageError, match=r"lies in the run, which is never changed"):
        write_card(folder, folder / "README.md")
    assert verify(folder) == []
    with pytest.raises(ArchiveError, match=r"-card.md: cannot be written \(Not a directory\)"):
        write_card(folder, place / "card.md")
    with pytest.raises(ArchiveError, match=r"not a run folder"):
        write_card(tmp_path)


def test_without_huggingface_hub_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = sealed(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(DependencyError) as refused:
        write_card(folder)
    assert str(refused.value) == (
        "a model card needs huggingface_hub: pip install 'reportgen[card]'"
    )
    assert not list(folder.parent.glob("*.md"))


def test_the_command_says_where_it_is(
    tmp_path: Path, invoke: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = sealed(tmp_path)
    done = invoke("card", str(folder), "--out", str(tmp_path / "a.md"))
    add = "Add what the run does not know: license, language, base model, intended use."
    assert (done.code, done.err) == (0, "")
    assert done.out == f"File  {tmp_path / 'a.md'}\n{add}\n"
    done = invoke("card", str(folder), "--out", str(tmp_path / "a.md"))
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
