"""A confidence reads alike wherever it stands, and never as 1 where it is less."""

import re
from dataclasses import replace

import numpy as np
import pypdf
import pytest

from reportgen.options import ReportOptions
from reportgen.pipeline import Execution, Workspace, render
from reportgen.predictions import write_predictions
from tests.publish.conftest import info, prediction

SHOWN = {
    0.51: "0.51", 0.994: "0.99", 0.998: "0.998", 0.9996: "> 0.999", 1 - 6e-8: "> 0.999",
    1.0: "1.00",
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
