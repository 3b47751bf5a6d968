"""The page of runs: what it lists, escapes and links to, and what it keeps for the next."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from reportgen.publish.html import index
from reportgen.publish.html.index import MARK, index_page, known_runs
from reportgen.publish.series import Archive, find_runs, read_runs
from tests.publish.conftest import Page
from tests.publish.runs import made, measured, of_data

HOSTILE = '</script><script>alert("1")</script>\'&{{ 7 * 7 }}'


def archive(reports: Path) -> Archive:
    return read_runs(reports, find_runs(reports), {})


def page(reports: Path, experiment: str | None = None) -> str:
    return index_page(archive(reports), experiment)


def titles(text: str) -> list[str]:
    return [re.sub("<[^>]+>", "", title) for title in re.findall(r"<h3>(.*?)</h3>", text)]


def test_titles_and_the_newest_first(tmp_path: Path) -> None:
    runs = [made(tmp_path, day) for day in range(3)]
    made(tmp_path, 9, experiment="other")
    every, own = page(tmp_path), page(tmp_path, "trial")
    assert "<title>All runs</title>" in every
    assert "<title>Runs of trial</title>" in own
    assert "4 runs in 2 experiments from 14 November 2023 to 23 November 2023" in every
    assert "3 runs from 14 November 2023 to 16 November 2023; the newest stands first." in own
    places = [own.index(f'href="{run.name}/index.html"') for run in runs]
    assert places == sorted(places, reverse=True)
    assert "23 November" not in own


def test_a_run_is_told_in_a_row(tmp_path: Path) -> None:
    run = made(tmp_path, metrics=of_data(rows=500))
    (run.parent / f"{run.name}-review").mkdir()
    (run.parent / f"{run.name}-review" / "index.html").touch()
    row = re.search(r"<tbody>(.*?)</tbody>", page(tmp_path), re.S)
    assert row is not None
    got = Page(row[1])
    assert " ".join(got.text.split()) == (
        f"14 November 2023 22:13 · {run.name[-8:]} trialstays"
        " split test, sha256\xa0abababab 200 sampled from 500, seed 1 a model checkpoint cdcdcdcd"
        " 90.0\xa0% 85.0 to 94.0\xa0% 89.0\xa0% 85.0 to 94.0\xa0% 0.050 0.020 to 0.080"
        " HTML · PDF · review"
    ).replace("\xa0", " ")
    home = f"trial/{run.name}"
    assert got.targets == [
        f"{home}/index.html", "trial/index.html", f"{home}/index.html", f"{home}/report.pdf",
        f"{home}-review/index.html",
    ]  # fmt: skip


def test_links_lead_to_files(tmp_path: Path) -> None:
    made(tmp_path, experiment="ünï")
    run = made(tmp_path, 1)
    run.parent.rename(tmp_path / "a #1% & <b>?")
    for place, name in ((tmp_path, None), (tmp_path / "ünï", "ünï")):
        (tmp_path / "index.html").touch()
        for folder in tmp_path.iterdir():
            (folder / "index.html").touch() if folder.is_dir() else None
        targets = Page(page(tmp_path, name)).targets
        assert len(targets) > 3
        for target in targets:
            assert (place / unquote(target)).is_file(), target
            assert "?" not in target
            assert "#" not in target


def test_names_are_text(tmp_path: Path) -> None:
    metrics = of_data(name=HOSTILE, split=HOSTILE)
    metrics["run"]["model"] = {"name": HOSTILE}
    made(tmp_path, metrics=metrics)
    made(tmp_path, 1, metrics=metrics)
    (tmp_path / "trial" / '<i a="x">').mkdir()
    (tmp_path / "trial").rename(tmp_path / '<u a="x">&amp;')
    text = page(tmp_path)
    tags = Page(text).tags
    assert tags.count("script") == 2
    assert "alert(" not in "".join(re.findall(r"<script>(.*?)</script>", text, re.S))
    assert {"i", "u"}.isdisjoint(tags)
    assert Page(text).text.count('<u a="x">&amp;') > 3
    assert Page(text).text.count(HOSTILE) > 3


def test_a_name_of_any_bytes_can_be_written(tmp_path: Path) -> None:
    made(tmp_path).parent.rename(tmp_path / "caf\udce9")
    text = page(tmp_path)
    assert text.encode()
    assert 'href="caf%E9/index.html"' in text
    assert "caf\ufffd" in text


def test_runs_on_the_same_examples_have_a_trend(tmp_path: Path) -> None:
    for day in range(3):
        made(tmp_path, day, measured(0.8 + day / 20))
    text = page(tmp_path, "trial")
    assert titles(text) == ["stays, 200 examples split test, sha256\xa0abababab"]
    assert text.count("<svg") == 3
    assert "3 runs, 14 November 2023 to 16 November 2023." in text
    assert "Accuracy <b>90.0\xa0%</b> <small>85.0 to 94.0\xa0%</small>" in text
    assert '<p class="scale"><span>94.0\xa0%</span><span>75.0\xa0%</span></p>' in text
    first = re.findall(r"<title>(14 November.*?)</title>", text)[0]
    assert first.startswith("14 November 2023: 80.0\xa0% (75.0 to 84.0\xa0%), run ")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"split": "valid"},
        {"sha256": "ef" * 32},
        {"sha256": None},
        {"rows": 500},
    ],
)
def test_other_examples_are_another_trend(tmp_path: Path, changes: dict[str, Any]) -> None:
    made(tmp_path, 0)
    made(tmp_path, 1, of_data(**changes))
    text = page(tmp_path)
    assert text.count("<svg") == 0
    assert "No experiment has two runs on the same examples, so there is no trend." in text
    made(tmp_path, 2)
    text = page(tmp_path)
    assert text.count("<svg") == 3
    assert "2 runs, 14 November 2023 to 16 November 2023." in text
    assert "Where an experiment has one run on a set of examples there is no trend." in text


def test_experiments_are_not_one_trend(tmp_path: Path) -> None:
    made(tmp_path, 0)
    made(tmp_path, 1, experiment="other")
    assert "<svg" not in page(tmp_path)


def test_the_set_of_the_newest_run_stands_first(tmp_path: Path) -> None:
    for day, name in enumerate(["a", "b", "c", "d", "a", "b", "d", "c"]):
        made(tmp_path, day, of_data(name=name))
    text = page(tmp_path, "trial")
    assert [title[0] for title in titles(text)] == ["c", "d", "b", "a"]
    folded = text.partition("Trends of 1 further set of examples")[2]
    assert titles(folded)[0][0] == "a"


def test_data_without_a_hash_are_said_to_be(tmp_path: Path) -> None:
    for day in range(2):
        made(tmp_path, day, of_data(sha256=None))
    text = page(tmp_path)
    assert "split test, no hash" in text
    assert "These runs name no hash of their data" in text


def test_without_labels_the_confidence_is_followed(tmp_path: Path) -> None:
    for day in range(2):
        made(tmp_path, day, measured(labelled=0, metrics={}))
    text = page(tmp_path)
    assert "Mean confidence <b>80.0\xa0%</b>" in text
    assert text.count("<svg") == 1
    assert text.count('data-sort="">– <small>') == 6
    assert "no labels" in text


def test_damaged_and_foreign_folders_are_named(tmp_path: Path) -> None:
    run = made(tmp_path)
    (run / "report.pdf").unlink()
    (tmp_path / "elsewhere" / "x").mkdir(parents=True)
    text = " ".join(Page(page(tmp_path)).text.split())
    assert "There is no run that could be listed." in text
    assert "Not listed: 2 folders" in text
    assert "elsewherethere is no run in it" in text
    assert f"trial/{run.name}" in text
    assert "damaged: a file that the manifest names is missing (report.pdf)" in text
    assert "elsewhere" not in page(tmp_path, "trial")


def test_of_many_folders_some_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(tmp_path)
    for i in range(4):
        (run.parent / f"x{i}").mkdir()
    assert "further folder" not in page(tmp_path)
    assert '<details class="fold" open>' in page(tmp_path)
    monkeypatch.setattr(index, "ODD", 3)
    monkeypatch.setattr(index, "FEW", 2)
    text = page(tmp_path)
    assert "trial/x2" in text
    assert "trial/x3" not in text
    assert "and 1 further folder" in text
    assert "Not listed: 4 folders" in text
    assert '<details class="fold" open>' not in text


def test_nothing_is_fetched_and_only_its_own_script_runs(tmp_path: Path) -> None:
    made(tmp_path)
    text = page(tmp_path)
    assert text.startswith("<!doctype html>\n")
    assert MARK in text[:200]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1]
    assert "unsafe" not in policy[1]
    assert "style" not in Page(text).attributes
    assert not re.findall(r"(?:src|href)=\"(?:https?:|//)", text)


def test_what_is_known_comes_back(tmp_path: Path) -> None:
    made(tmp_path, metrics=of_data(name=HOSTILE))
    read = archive(tmp_path)
    kept = known_runs(index_page(read))
    assert dict(kept) == dict(read.known)
    assert known_runs(index_page(read, "trial")) == {}


def test_of_another_format_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path)
    text = page(tmp_path)
    assert known_runs(text)
    monkeypatch.setattr(index, "FORMAT", index.FORMAT + 1)
    assert known_runs(text) == {}


@pytest.mark.parametrize(
    "value",
    [
        '"headline":"Accuracy 90%"', '"name":"stays"', '"split":"test"', '"model":"a model"',
        '"count":200', '"labelled":200', '"rows":200', '"columns":""', '"ece":[0.05,0.02,0.08]',
    ],
)  # fmt: skip
def test_what_is_known_is_checked(tmp_path: Path, value: str) -> None:
    made(tmp_path)
    text = page(tmp_path)
    assert text.count(value) == 1
    for other in ("[3]", "{}", "null", "-1"):
        assert known_runs(text.replace(value, f"{value.partition(':')[0]}:{other}")) == {}
