"""A gallery made for review, and how the tests answer in it."""

from __future__ import annotations

import json

import pytest

from reportgen.predictions import write_predictions
from tests.browser.conftest import rendered
from tests.publish.conftest import HOSTILE, info, prediction
from tests.publish.small import COLUMNS, INFO
from tests.publish.unlabelled import MIXED


@pytest.fixture(autouse=True)
def forget(browser, finished):
    """Nothing of an earlier test is kept; a page that is closed may still have kept something."""
    page = browser.new_page()
    page.goto((finished / "assets" / "report.css").as_uri())
    page.evaluate("localStorage.clear()")
    page.close()


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory):
    """A run of 130 examples on two pages."""
    folder = tmp_path_factory.mktemp("reviewed")
    rows = [prediction(id_, text, i) for i, (id_, text) in enumerate(HOSTILE.items())]
    rows += [prediction(f"r-{i:03}", f"review number {i} of a film", i) for i in range(117)]
    write_predictions(folder / "p.parquet", info(rows=130, evaluated=130), rows, ["topic"])
    return rendered(folder / "p.parquet", folder, review=True, single_file=True)


@pytest.fixture(scope="session")
def unlabelled_review(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unlabelled-review")
    write_predictions(folder / "t.parquet", INFO, MIXED, ["topic"], COLUMNS)
    return rendered(folder / "t.parquet", folder, review=True)


@pytest.fixture
def page(look, reviewed):
    page = look(reviewed / "index.html")
    yield page
    assert page.problems == []


def card_of(page, number=0):
    return page.locator("article.card:visible").nth(number)


def id_of(card):
    return card.locator(".id").text_content()


def chosen(card):
    return card.locator("[data-answer][aria-pressed=true]").all_text_contents()


def status(page):
    return page.locator("#review-status")


def exported(page):
    with page.expect_download() as download:
        page.locator("#export").click()
    return json.loads(download.value.path().read_text()), download.value.suggested_filename


def upload(page, value, name="answers.json"):
    text = value if isinstance(value, str) else json.dumps(value)
    page.locator("#import-file").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": text.encode()}
    )


def run_of(run):
    return json.loads((run / "manifest.json").read_text())["run"]
