"""The gallery of a comparison in one file: whole by itself, and small enough to be mailed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reportgen.errors import UsageError
from reportgen.publish.comparison.single import check_single
from reportgen.publish.html import single
from tests.publish.comparison.compared import ANSWERS, opened, runs, written


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return (written(tmp_path_factory.mktemp("one"), single_file=True) / "report.html").read_text()


def test_it_names_no_other_file(page: str) -> None:
    addresses = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert {a for a in addresses if not a.startswith(("#", "data:"))} == set()
    assert "url(fonts/" not in page


def test_it_has_every_card_and_what_finds_them(page: str) -> None:
    body = page.partition("<template")[0]
    assert len(re.findall(r'<article class="card ', body)) == 5
    assert '"single":true' in page
    for key in ("broken", "fixed", "changed"):
        assert f'href="#{key}"' in body
        assert f'id="{key}"' in body


def test_a_comparison_without_the_option_has_none(tmp_path: Path) -> None:
    assert not (written(tmp_path) / "report.html").exists()


def test_one_that_is_too_large_is_refused_with_what_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "LIMIT", single.FIXED + 5000)
    with (
        opened(tmp_path) as gallery,
        pytest.raises(UsageError, match=r"5 examples would make .* --gallery 2 makes it fit"),
    ):
        check_single(gallery)


def test_each_run_takes_its_part_of_the_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "PER_TOKEN", 0)
    monkeypatch.setattr(single, "LIMIT", single.FIXED + 2 * 5 * single.PER_EXAMPLE)
    with opened(tmp_path) as gallery:
        check_single(gallery)
    monkeypatch.setattr(single, "LIMIT", single.LIMIT - 1)
    with opened(tmp_path) as gallery, pytest.raises(UsageError):
        check_single(gallery)


def test_runs_of_the_same_answers_fit_into_one_file(tmp_path: Path) -> None:
    first, _ = runs()
    text = (written(tmp_path, (first, first), single_file=True) / "report.html").read_text()
    assert "The same predictions" in text
    assert all(id_ not in text.partition("<template")[0] for id_ in ANSWERS if "-" in id_)
