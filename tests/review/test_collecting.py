"""From files of answers to a finished review: numbers worked by hand, every answer, every link."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pypdf
import pytest

from reportgen.errors import ArchiveError, ReviewError, UsageError
from reportgen.progress import Silent
from reportgen.publish.archive import run_folder
from reportgen.publish.packing import check_packed, pack
from reportgen.publish.verification import check
from reportgen.publish.words.review import OFFERED
from reportgen.review import collecting
from reportgen.review.collecting import Collected, collect
from tests.publish.conftest import Page
from tests.review import papers
from tests.review.conftest import IDS

RTL = "السخرية واضحة هنا"
FORMULA = '=HYPERLINK("x")'
# e00, 評価 七 and ../up ...: labels of three reviewers; the last of e06 has no second answer.
ANN = {
    "e00": {"label": "wrong", "shading": "no", "remark": FORMULA},
    "=1+1": {"label": "right", "shading": "yes"},
    "<b>&": {"label": "right"},
    "e06": {"label": "wrong", "shading": "partly"},
}
BO = {
    "e00": {"label": "wrong", "shading": "no", "remark": f"{RTL}\n<script>alert(1)</script>"},
    "=1+1": {"label": "right", "shading": "partly"},
    "<b>&": {"label": "wrong"},
}
CY = {
    "e00": {"label": "right", "shading": "yes"},
    "=1+1": {"label": "right", "shading": "yes"},
    "../up": {"remark": "これは皮肉"},
}
DRAWN = {"e00", "=1+1", "<b>&", "e06", "../up"}


@pytest.fixture(scope="module")
def files(reviewed: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two PDFs, filled in two ways, of two volumes, and an export."""
    folder = tmp_path_factory.mktemp("files")
    one = papers.paper(reviewed, IDS[:8])
    (folder / "ann.pdf").write_bytes(
        papers.by_pypdf(one, papers.values(one, ANN, "Ann", "1.2.2026"))
    )
    (folder / "bo.pdf").write_bytes(papers.by_viewer(one, papers.values(one, BO, "Bo <b>李</b>")))
    (folder / "cy.json").write_bytes(papers.export(papers.run_hash(reviewed), CY))
    return sorted(folder.iterdir())


class Said(Silent):
    """Keeps the lines that stay."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def said() -> Said:
    return Said()


@pytest.fixture(scope="module")
def done(reviewed: Path, files: list[Path], said: Said) -> Collected:
    return collect(reviewed, files, progress=said)


def numbers(done: Collected) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((done.folder / "review.json").read_text())
    return found


def test_the_index_of_runs_links_to_it(reviewed: Path, done: Collected) -> None:
    for page in (reviewed.parent / "index.html", reviewed.parents[1] / "index.html"):
        assert f"{done.folder.name}/index.html" in page.read_text()


def test_agreement_is_that_worked_by_hand(done: Collected) -> None:
    """Of the label: wrong wrong right, three times right, right wrong; of e06 one answer.

    Coincidences: wrong meets wrong once, right, of the first, 1; of the second, right meets right 3
    times; of the third each meets the other once. So 5 answers are right, 3 are wrong, 4 of the 8
    meet another: alpha is 1 - (4 / 8) / (2 * 5 * 3 / (8 * 7)) = 1 / 15.
    """
    label = numbers(done)["label"]
    assert label["agreement"]["coefficient"] == "alpha"
    assert label["agreement"]["value"] == pytest.approx(1 / 15)
    assert label["agreement"]["pairs"] == 3 + 3 + 1
    assert label["agreement"]["share"] == pytest.approx((1 + 3 + 0) / 7)
    assert label["agreement"]["interval"] == [None, None]
    assert label["answers"] == {"right": 5, "wrong": 4, "ambiguous": 0, "cannot tell": 0}
    assert label["majority"] == {"e00": "wrong", "=1+1": "right", "<b>&": "no majority"}


def test_the_ordinal_agreement_of_the_shading(done: Collected) -> None:
    """no no yes and yes partly yes: 3 yes, 1 partly, 2 no of 6 answers.

    Squared differences: yes to partly (3 / 2 + 1 / 2)^2 = 4, partly to no (1 / 2 + 2 / 2)^2 = 2.25,
    yes to no 3.5^2 = 12.25. Observed: 2 * 12.25 / 6 + 2 * 4 / 6; by chance, of 30 pairs:
    2 * (3 * 1 * 4 + 1 * 2 * 2.25 + 3 * 2 * 12.25) / 30.
    """
    agreement = numbers(done)["shading"]["agreement"]
    assert agreement["value"] == pytest.approx(1 - (32.5 / 6) / (2 * 90 / 30))


def test_labels_and_accuracy(done: Collected, reviewed: Path) -> None:
    """e00 is predicted otherwise, the other two as labelled; two examples more are undecided."""
    found = numbers(done)
    assert found["label_errors"] == ["e00"]
    assert found["accuracy_reviewed"] == {
        "examples": 3, "labelled": 36, "corrected": 1, "right": 2, "low": 2, "high": 3,
    }  # fmt: skip
    metrics = json.loads((reviewed / "metrics.json").read_text())
    assert found["accuracy_reported"] == metrics["metrics"]["accuracy"]["value"]
    listed = set(metrics["label_errors"]) & {"e00", "=1+1", "<b>&"}
    look = found["second_look"]
    assert (look["listed"], look["decided"]) == (len(metrics["label_errors"]), len(listed))


def test_every_answer_stands_in_the_csv(done: Collected) -> None:
    with (done.folder / "reviews.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(ANN) + len(BO) + len(CY)
    by = {(row["reviewer"], row["id"]): row for row in rows}
    ann = by["Ann", "e00"]
    assert ann["answer.remark"] == f"'{FORMULA}"  # no cell is a formula
    assert (ann["answer.label"], ann["answer.shading"]) == ("wrong", "no")
    assert (ann["label"], ann["predicted"], ann["date"]) == ("bad", "fair", "1.2.2026")
    assert by["Bo <b>李</b>", "'=1+1"]["answer.shading"] == "partly"
    assert by["cy.json", "../up"]["answer.remark"] == "これは皮肉"
    assert rows[0]["id"] == "e00"  # wrong and most confident


def test_the_page_shows_every_remark_as_text_and_links_to_the_cards(
    done: Collected, reviewed: Path
) -> None:
    text = (done.folder / "index.html").read_text()
    page = Page(text)
    for remark in (FORMULA, RTL, "<script>alert(1)</script>", "これは皮肉"):
        assert remark in page.text
    assert "<script" not in text
    cards = Page((reviewed / "index.html").read_text()).ids
    found = 0
    for target in page.targets:
        file, _, anchor = target.partition("#")
        assert (done.folder / unquote(file)).is_file(), target
        if anchor:
            assert anchor in cards
            found += 1
    assert found >= 3
    assert os.path.samefile(done.folder.parent, reviewed.parent)


def test_a_dash_has_its_reason(done: Collected) -> None:
    """Only a file of the page does not say which examples it offered."""
    assert OFFERED in Page((done.folder / "index.html").read_text()).text


def test_the_pdf_holds_the_same(done: Collected) -> None:
    reader = pypdf.PdfReader(done.folder / "review.pdf")
    text = "".join(page.extract_text() for page in reader.pages)
    assert done.headline in " ".join(text.split())
    assert [round(side) for side in reader.pages[0].mediabox[2:]] == [595, 842]  # A4
    assert "これは皮肉" in text
    attached = {file.name: file.content for file in reader.attachment_list}
    for name in ("reviews.csv", "review.json"):
        assert attached[name] == (done.folder / name).read_bytes()


def test_what_must_be_known_is_said(said: Said, done: Collected, files: list[Path]) -> None:
    assert said.lines == [f"warning: {files[2]} names no reviewer; called cy.json here"]
    assert done.headline == "3 reviewers on 5 of 36 examples; the majority finds 1 label wrong"


def test_verify_and_pack_hold_it(done: Collected, tmp_path: Path) -> None:
    assert check(done.folder, done.digest).differences == []
    packed = pack(done.folder, tmp_path / "a.zip")
    assert check_packed(packed.file, done.digest).differences == []
    copy = tmp_path / "copy"
    shutil.copytree(done.folder, copy)
    (copy / "reviews.csv").write_text("")
    assert [d.file for d in check(copy).differences] == ["reviews.csv"]


def test_a_review_is_never_replaced(done: Collected, reviewed: Path, files: list[Path]) -> None:
    with pytest.raises(ArchiveError, match="a review stands there already; choose another --out"):
        collect(reviewed, files)


def test_nothing_is_written_into_the_run(reviewed: Path, files: list[Path]) -> None:
    with pytest.raises(UsageError, match="lies in the run, which is never changed"):
        collect(reviewed, files, reviewed / "review")
    assert check(reviewed).differences == []


def test_nothing_stays_of_a_review_that_failed(
    reviewed: Path, files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "bad.pdf").write_text("%PDF-1.7")
    place = tmp_path / "reports" / "out"
    with pytest.raises(ReviewError, match=r"bad\.pdf: not a whole PDF"):
        collect(reviewed, [*files, tmp_path / "bad.pdf"], place)
    assert not place.parent.exists()


def test_the_same_answers_give_the_same_bytes(
    reviewed: Path, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it is written; but for the links to the run."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    one, two = (collect(reviewed, files, tmp_path / name).folder for name in ("a", "b"))
    for file in sorted(p for p in one.rglob("*") if p.is_file()):
        assert file.read_bytes() == (two / file.relative_to(one)).read_bytes(), file


def test_one_reviewer_alone(reviewed: Path, files: list[Path], tmp_path: Path) -> None:
    done = collect(reviewed, files[:1], tmp_path / "one")
    found = numbers(done)
    assert done.headline == "1 reviewer on 4 of 36 examples; one reviewer finds 2 labels wrong"
    assert found["label"]["agreement"]["coefficient"] is None
    assert found["label"]["agreement"]["value"] is None
    text = Page((done.folder / "index.html").read_text()).text
    assert "nothing here was confirmed by a second, and agreement cannot be measured" in text
    assert "majority" not in text
    assert "more than half" not in text


@pytest.mark.parametrize("words", [".", "../{}", "heatmaps/..", "../latest"])
def test_a_run_however_it_is_named(
    reviewed: Path, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reviewed)
    place = collecting._beside(run_folder(Path(words.format(reviewed.name))))
    assert place.resolve() == reviewed.resolve().with_name(f"{reviewed.name}-review")
