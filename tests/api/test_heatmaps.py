from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import reportgen as rg
from reportgen.errors import ReportgenError, UsageError

TOKENS = ["Not", "bad", "<b>", "at", "all"]
WEIGHTS = [0.1, 0.6, 0.1, 0.1, None]


def test_a_notebook_shows_the_png_in_its_size() -> None:
    picture = rg.heatmap(TOKENS, WEIGHTS)
    data, metadata = picture._repr_mimebundle_()
    size = Image.open(io.BytesIO(data["image/png"])).size
    assert metadata["image/png"] == {"width": picture.width, "height": picture.height}
    assert size == (picture.width * 1.5, picture.height * 1.5)
    assert data["text/plain"] == repr(picture) == "<Heatmap: 5 tokens>"


def test_it_is_the_picture_of_a_report_of_this_text_alone(mine: Path, tmp_path: Path) -> None:
    row = next(iter(rg.open_report(mine / "reports" / "mine" / "latest").predictions))
    values = {
        "text": row.text, "tokens": list(row.tokens), "attention": row.attention.tolist(),
        "probabilities": row.probabilities.tolist(),
    }  # fmt: skip
    report = rg.render([values], classes=["a", "b"], out=tmp_path)
    (picture,) = (report.path / "heatmaps").glob("*.png")
    assert rg.heatmap(row.tokens, row.attention).png == picture.read_bytes()


@pytest.mark.parametrize(("word", "columns"), [("w", 32), ("wonderful", 9), ("w" * 60, 5)])
def test_its_words_decide_how_many_are_in_a_row(word: str, columns: int) -> None:
    picture = rg.heatmap([word] * 64, [1 / 64] * 64)
    assert picture.columns == columns
    rows = -(-64 // columns)
    assert picture.height == rows * 20 + 42
    assert f'height="{picture.height}"' in picture.svg


def test_it_is_saved_by_the_ending_of_the_name(tmp_path: Path) -> None:
    picture = rg.heatmap(TOKENS, WEIGHTS, unknown=[False, True, False, False, False])
    assert picture.save(tmp_path / "x.PNG").read_bytes() == picture.png
    svg = picture.save(str(tmp_path / "x.svg")).read_text()
    assert svg == picture.svg
    for name in ("x.jpg", "x"):
        with pytest.raises(UsageError, match=r"a heatmap is saved as \.png or \.svg"):
            picture.save(tmp_path / name)
    with pytest.raises(ReportgenError, match="No such file or directory"):
        picture.save(tmp_path / "none" / "x.png")


def test_the_svg_is_whole_and_needs_no_font() -> None:
    picture = rg.heatmap(TOKENS, WEIGHTS)
    root = ElementTree.fromstring(picture.svg)
    size = root.attrib["width"], root.attrib["height"]
    assert size == (str(picture.width), str(picture.height))
    assert "<text" not in picture.svg
    assert picture.svg == rg.heatmap(TOKENS, WEIGHTS).svg


@pytest.mark.parametrize(
    ("weights", "signed", "expected"),
    [([0.4, -0.6], None, True), ([0.4, 0.6], None, False), ([0.4, 0.6], True, True),
     ([0.4, 0.6], False, False)],
)  # fmt: skip
def test_negative_weights_are_attributions(
    weights: list[float], signed: bool | None, expected: bool
) -> None:
    picture = rg.heatmap(["Not", "bad"], weights, signed=signed)
    assert picture.signed == expected
    plain = rg.heatmap(["Not", "bad"], [0.4, 0.6], signed=False)
    assert (picture.png != plain.png) == expected


def test_arrays_and_tensors_are_taken() -> None:
    torch = pytest.importorskip("torch")
    expected = rg.heatmap(["a", "b"], [0.25, 0.75]).png
    for weights in (np.array([0.25, 0.75]), torch.tensor([0.25, 0.75], requires_grad=True)):
        assert rg.heatmap(("a", "b"), weights).png == expected


def test_no_tokens_are_a_picture_too() -> None:
    assert rg.heatmap([], []).png.startswith(b"\x89PNG")
    assert ElementTree.fromstring(rg.heatmap([], []).svg) is not None


@pytest.mark.parametrize(
    ("tokens", "weights", "more", "message"),
    [
        ("Not bad", [1.0], {}, "tokens are a text, not a list of tokens"),
        (["a"], [0.5, 0.5], {}, "weights are 2, not one for each of 1 tokens"),
        (["a"], 0.5, {}, "weights are a single value, not one for each of 1 tokens"),
        (["a"], [[0.5]], {}, "weights are 1 x 1, not one for each of 1 tokens"),
        (["a"], ["x"], {}, "weights are not numbers, one per token"),
        (["a"], [float("inf")], {}, "weights have an infinite number"),
        (["a"], [-1.0], {"signed": False}, "attributions are drawn by signed=True"),
        (["a"], [1.0], {"unknown": [True, False]}, "unknown are 2, not one for each of 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    tokens: Any, weights: Any, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        rg.heatmap(tokens, weights, **more)
