"""A confidence reads alike wherever it stands, and never as 1 where it is less."""

import re
from dataclasses import replace

import numpy as np
import pypdf
import pytest

from reportgen.figures.scales import signed_number
from reportgen.options import ReportOptions
from reportgen.pipeline import Execution, Workspace, render
from reportgen.predictions import write_predictions
from reportgen.publish.html.templates import TEMPLATES
from reportgen.publish.words.numbers import decimal
from tests.publish.conftest import info, prediction

SHOWN = {
    0.625: "0.62", 0.51: "0.51", 0.994: "0.99", 0.998: "0.998", 0.9996: "> 0.999",
    1 - 6e-8: "> 0.999", 1.0: "1.00",
}  # fmt: skip


@pytest.fixture(scope="module")
def sure(tmp_path_factory):
    """The run of a table with very high confidences."""
    folder = tmp_path_factory.mktemp("sure")
    rows = [
        replace(
            prediction(f"r{i}", "a film", i),
            probabilities=np.array([p, np.float32(1) - np.float32(p)], np.float32),
            logits=None,
        )
        for i, p in enumerate(SHOWN)
    ]
    write_predictions(folder / "t.parquet", info(), rows, columns=("spans", "unknown"))
    return render(folder / "t.parquet", ReportOptions(), Workspace(folder), Execution()).folder


READ = (
    """all => all.map(card => [card.id.slice(3), card.querySelector(".sure span").textContent])"""
)


def test_cards_of_the_page_of_its_script_and_of_the_pdf(look, sure):
    page = look(sure / "index.html")
    written = page.locator("#gallery article").evaluate_all(READ)
    page = look(sure / "index.html", "#sort=-confidence")
    page.wait_for_selector("#cards article")
    scripted = page.locator("#cards article").evaluate_all(READ)
    expected = {f"r{i}": text for i, text in enumerate(SHOWN.values())}
    for cards in (written, scripted):
        assert dict(cards) == expected
    source = (sure / "index.html").read_text()
    for text in expected.values():
        assert f"with confidence {text.replace('>', '&gt;').replace('<', '&lt;')}, label" in source
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(sure / "report.pdf").pages)
    found = re.findall(r"with confidence (> )?([\d.]+)", " ".join(text.split()))
    assert sorted(found) == sorted(re.findall(r"(> )?([\d.]+)", " ".join(expected.values())))


TIES = [k / 32 for k in range(33)] + [0.045, 0.285, 0.575, 1 / 3, 0.0004, 0.9996]
SIGNED = [sign * n * 10.0**power for n in (1.125, 1.5, 9.996, 3) for power in range(-8, 14)
          for sign in (1, -1)] + [0.0, 1000.5, 1001.5, 62.5, 0.0625]  # fmt: skip


def test_the_script_writes_numbers_as_python_does(look, sure):
    """A tie is rounded to the even digit: toFixed rounds it up, and 0.125 read as 0.13."""
    script = (TEMPLATES / "gallery" / "numbers.js").read_text()
    ask = f"""([shares, signed]) => {{ {script}
        const four = shares.map((n) => fixed(n, 4)), tenths = signed.map((n) => rounded(n));
        return [shares.map(decimal), four, signed.map(withSign), tenths]; }}"""
    shares, four, signed, whole = look(sure / "index.html").evaluate(ask, [TIES, SIGNED])
    assert dict(zip(TIES, shares, strict=True)) == {n: decimal(n) for n in TIES}
    assert dict(zip(TIES, four, strict=True)) == {n: f"{n:.4f}" for n in TIES}
    assert dict(zip(SIGNED, signed, strict=True)) == {n: signed_number(n) for n in SIGNED}
    np.testing.assert_array_equal(whole, np.rint(SIGNED))
