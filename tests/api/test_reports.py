from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import reportgen as rg
from reportgen.errors import ArchiveError, UsageError
from tests.api.conftest import CLASSES, ROWS


@pytest.fixture
def report(mine: Path) -> rg.Report:
    return rg.open_report(mine / "reports" / "mine" / "latest")


def test_a_report_leads_to_its_files_and_numbers(report: rg.Report) -> None:
    assert report.html.read_text().startswith("<!doctype html>")
    assert report.pdf.read_bytes().startswith(b"%PDF")
    accuracy = report.metrics["accuracy"]
    assert (accuracy.value, accuracy.better) == (0.5, "higher")
    assert 0 < accuracy.low < 0.5 < accuracy.high < 1
    assert report.headline == "Accuracy 50.0\xa0% on 2 examples"
    assert repr(report) == f"<Report: {report.headline}, {report.path}>"
    assert len(report.predictions) == 2
    assert report.verify() == []


def test_a_split_without_a_name_is_not_mentioned(report: rg.Report) -> None:
    page = report.html.read_text()
    line = page.partition('<p class="eyebrow">')[2].partition("</p>")[0]
    assert line.startswith("<bdi>mine</bdi> \u00b7 ")
    assert "split" not in line
    assert "unnamed, split" not in page


def test_what_cannot_be_computed_is_nan(report: rg.Report) -> None:
    written = json.loads((report.path / "metrics.json").read_text())["metrics"]
    unknown = [name for name, measure in written.items() if measure["low"] is None]
    assert unknown
    assert all(report.metrics[name].low != report.metrics[name].low for name in unknown)


def test_mistakes_come_in_the_order_of_the_gallery(report: rg.Report) -> None:
    (mistake,) = report.mistakes()
    assert (mistake.id, mistake.text, mistake.label, mistake.predicted) == (
        "2", "Not bad", "yes", "no"
    )  # fmt: skip
    assert mistake.confidence == pytest.approx(0.7)
    assert mistake.margin == pytest.approx(0.4)
    assert mistake.tokens == ("Not", "bad")
    assert mistake.weights.tolist() == pytest.approx([0.4, 0.6])
    assert mistake.address == f"{report.html}#ex-2"
    assert report.mistakes(0) == []
    assert pd.DataFrame(report.mistakes()).text.tolist() == ["Not bad"]


def test_an_earlier_report_stays_the_same_when_latest_moves(mine: Path, report: rg.Report) -> None:
    assert report.path.name != "latest"
    assert rg.open_report(report.path) == report
    pointer = mine / "latest"
    pointer.write_text(f"{report.path.relative_to(mine)}\n")  # as where links cannot be
    assert rg.open_report(pointer).path.name == report.path.name


def test_a_changed_file_is_found(report: rg.Report, tmp_path: Path) -> None:
    copy = tmp_path / report.path.name
    shutil.copytree(report.path, copy)
    opened = rg.open_report(copy)
    assert opened.verify() == []
    (copy / "report.pdf").write_bytes(b"%PDF")
    assert [(found.kind, found.file) for found in opened.verify()] == [("changed", "report.pdf")]
    assert opened.verify(digest="0" * 64)[-1].file == "manifest.json"
    manifest = copy / "manifest.json"
    manifest.write_text(manifest.read_text().replace("report.pdf", "report.pdf"))
    manifest.write_bytes(manifest.read_bytes() + b" ")  # the object knows its digest
    assert "manifest.json" in [found.file for found in opened.verify()]


def test_a_notebook_shows_the_headline_and_the_mistake(report: rg.Report, tmp_path: Path) -> None:
    html = report._repr_html_()
    assert html is not None
    assert report.headline in html
    lede = json.loads((report.path / "metrics.json").read_text())["lede"]
    assert f'<p class="rgn-line">{lede}</p>' in html
    assert f'class="lede">{lede}</p>' in report.html.read_text()
    assert "Wrong: predicted no with confidence 0.70, label yes" in html
    assert '>Not <span class="rgn-weight" style="--w:0.12">bad</span></div>' in html
    assert rg.Report(tmp_path / "gone", "Accuracy", "0")._repr_html_() is None


def test_signed_weights_are_shown_with_their_sign(tmp_path: Path) -> None:
    predictions = rg.from_attributions(
        [["so", "dull", "film"]], [[0.0, -0.2, 0.4]], [0.8], ["no"], classes=CLASSES
    )
    html = rg.render(predictions, out=tmp_path, pdf_examples=0)._repr_html_()
    assert html is not None
    assert (
        '>so <span class="rgn-down" style="--w:0.30">dull</span>'
        ' <span class="rgn-up" style="--w:0.60">film</span></div>'
    ) in html
    assert "red words raised the predicted class, blue ones" in html


def test_what_is_no_report_is_refused(tmp_path: Path, report: rg.Report) -> None:
    with pytest.raises(ArchiveError, match="not a run folder"):
        rg.open_report(tmp_path)
    copy = tmp_path / "run"
    shutil.copytree(report.path, copy)
    (copy / "metrics.json").write_text("{")
    with pytest.raises(ArchiveError, match=r"metrics\.json: cannot be read"):
        rg.open_report(copy)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gallery": 0}, "gallery=0"),
        ({"slices": ["topic"]}, r"slices=\['topic'\]: the data have no such column"),
        ({"experiment": "a/b"}, "experiment='a/b'"),
    ],
)
def test_an_option_that_cannot_be_used_is_an_error(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message):
        rg.render(ROWS, CLASSES, out=tmp_path / "reports", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "reports").exists()


def test_options_reach_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{**row, "topic": "art"} for row in ROWS]
    report = rg.render(
        rows, CLASSES, out=tmp_path, experiment="e", gallery=1, pdf_examples=0, single_file=True,
        slices=["topic"], run={"model": {"name": "Our model"}},
    )  # fmt: skip
    assert report.path.parent == tmp_path / "e"
    assert (report.path / "report.html").is_file()
    inputs = json.loads((report.path / "inputs.json").read_text())
    assert (inputs["report"]["gallery"], inputs["report"]["slices"]) == (1, ["topic"])
    assert "Our model" in report.html.read_text()
    assert capsys.readouterr() == ("", "")


def test_the_report_is_that_of_the_command_line(mine: Path, tmp_path: Path, invoke: object) -> None:
    words = ("render", "--predictions", str(mine / "my.parquet"), "--out", str(tmp_path), "--quiet")
    done = invoke(*words, "--experiment", "cli")  # type: ignore[operator]
    assert done.code == 0
    by_command = rg.open_report(tmp_path / "cli" / "latest")
    by_api = rg.open_report(mine / "reports" / "mine" / "latest")
    for name in ("metrics.json", "predictions.csv", "predictions.parquet", "inputs.json"):
        assert (by_command.path / name).read_bytes() == (by_api.path / name).read_bytes(), name
