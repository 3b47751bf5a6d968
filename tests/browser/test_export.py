"""The filtered examples as a CSV file: complete, in their order, and no formula in it."""

import csv
import io
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import expect

from reportgen.predictions import write_predictions
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.tables import FORMULA
from tests.browser.conftest import without_pictures
from tests.publish.conftest import info, prediction

TEXTS = ("=1+1", "@SUM(A1)", "'=x", "  -2", "\ufeff+3", 'a, "quote"\nand a line', "café 手机", "")


def saved(page):
    """The rows of the file that the page saves, and its name."""
    with page.expect_download() as download:
        page.locator("#csv").click()
    text = Path(download.value.path()).read_bytes().decode()
    assert not text.startswith("\ufeff")  # as predictions.csv
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""))), download.value.suggested_filename


@pytest.mark.parametrize("name", ["index.html", "report.html"])
def test_what_matches_is_saved_in_its_order(look, paged, name):
    page = look(paged / name, "#q=dull&sort=id")
    expect(page.locator("#count")).to_have_text("153 of 230")
    rows, file = saved(page)
    assert file == f"examples-{paged.name.rsplit('-', 1)[1]}.csv"
    table = {row["id"]: row for row in pq.read_table(paged / "predictions.parquet").to_pylist()}
    written = io.StringIO((paged / "predictions.csv").read_bytes().decode(), newline="")
    told = {row["id"]: row for row in csv.DictReader(written)}
    assert [row["id"] for row in rows] == sorted(k for k, v in table.items() if "dull" in v["text"])
    for row in rows:
        assert row["text"] == table[row["id"]]["text"]
        for column in ("label", "predicted", "correct", "confidence", "outcome", "tokens"):
            assert row[column] == told[row["id"]][column], column
        share = told[row["id"]][f"probability.{row['label']}"]
        assert row["probability_of_label"] == share
        assert row["extra.topic"] == "film & more"
        target, anchor = row["card"].split("#")
        assert f'id="{anchor}"' in (paged / target).read_text()
    expect(page.locator("#count")).to_have_text("saved 153 of 230 as CSV")
    assert page.problems == []


def test_no_cell_is_a_formula(look, tmp_path):
    rows = [prediction(f"r-{i}", text, i) for i, text in enumerate(TEXTS)]
    write_predictions(tmp_path / "t.parquet", info(rows=8, evaluated=8), rows)
    page = look(without_pictures(tmp_path / "t.parquet", tmp_path) / "index.html", "#sort=id")
    expect(page.locator("#count")).to_have_text("8 of 8")
    rows, _ = saved(page)
    assert [row["text"] for row in rows] == [
        f"'{text}" if FORMULA.match(text) else text for text in TEXTS
    ]


def test_the_script_sees_a_formula_where_the_writer_does(browser):
    page = browser.new_page()
    source = (TEMPLATES / "gallery" / "export.js").read_text()
    constants = source[source.index("const SIGNS") : source.index("function csvCell")]
    codes = [code for code in range(0x3000) if not 0xD800 <= code < 0xE000]
    codes += [*range(0xFE00, 0x10000), 0x1F600]
    found = page.evaluate(
        """([source, codes]) => {
            const test = new Function(source + "; return (t) => FORMULA.test(t)")();
            const first = (c, rest) => test(String.fromCodePoint(c) + rest);
            return codes.map((c) => [first(c, "x"), first(c, "=")]);
        }""",
        [constants, codes],
    )
    page.close()
    wanted = [[bool(FORMULA.match(chr(c) + "x")), bool(FORMULA.match(chr(c) + "="))] for c in codes]
    assert [hex(c) for c, a, b in zip(codes, found, wanted, strict=True) if a != b] == []


def test_a_missing_page_is_said(look, paged):
    page = look(paged / "index.html", "#outcome=wrong")
    expect(page.locator("#cards .card").first).to_be_visible()
    page.locator("[name=sort]").select_option("id")
    part = paged / "data" / "cards-0001.js"
    hidden = part.rename(part.with_suffix(".away"))
    try:
        lame = look(paged / "index.html", "#outcome=wrong")
        lame.wait_for_timeout(200)
        lame.locator("#csv").click()
        expect(lame.locator("#count")).to_contain_text(
            re.compile("saved.*cards-0001.js is missing")
        )
        expect(lame.locator("#csv")).to_be_enabled()
    finally:
        hidden.rename(part)
