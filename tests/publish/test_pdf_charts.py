"""Charts in the PDF: lines as lines, texts as texts, in their places."""

import re
import subprocess
from xml.etree import ElementTree

import numpy as np
import pikepdf
import pypdf
import pytest

from reportgen.analysis.metrics import Scores, quality
from reportgen.figures import charts
from reportgen.publish.archive import run_time
from reportgen.publish.pdf import charts as module
from reportgen.publish.pdf.document import Document, write_pdf

PAGE = (
    '<html lang="en"><title>x</title><style>@page{size:700px 500px;margin:0}body{margin:0}</style>'
    '<img alt="a chart" src="assets/x-light.svg">'
)


def drawn(folder, svg):
    """Write a page with this chart; return it."""
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / "x-light.svg").write_bytes(svg)
    images = module.chart_images(folder)
    target = folder / "x.pdf"
    write_pdf(Document(PAGE, folder, images, [], run_time()), target)
    return target


def matrix(classes):
    gold = np.repeat([0, 0, 1, 1], [30, 2, 5, 20])
    predicted = np.repeat([0, 1, 0, 1], [30, 2, 5, 20])
    sure = np.where(predicted[:, None] == [0, 1], 0.9, 0.1)
    return charts.confusion(quality(Scores.of(gold, sure), tuple(classes)))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("chart"), matrix(["bad", "incomprehensible"]))


def words(page):
    """Return left, top, right and bottom of each word of the page, in points: the leftmost."""
    boxes = subprocess.run(
        ["pdftotext", "-bbox", page, "-"], check=True, capture_output=True, text=True
    ).stdout
    found = re.findall(r'xMin="(.+)" yMin="(.+)" xMax="(.+)" yMax="(.+)">([^<]*)<', boxes)
    places = sorted((tuple(map(float, box)), word) for *box, word in found)
    return {word: place for place, word in reversed(places)}


def test_texts_can_be_read(page):
    assert {"bad", "incomprehensible", "predicted", "label", "30", "20"} <= words(page).keys()
    assert "incomprehensible" in pypdf.PdfReader(page).pages[0].extract_text()


def test_names_along_the_vertical_axis_end_at_it(tmp_path):
    read = words(drawn(tmp_path, matrix(["no", "incomprehensible"])))
    assert abs(read["no"][2] - read["incomprehensible"][2]) < 1.5
    assert read["no"][0] > read["incomprehensible"][0] + 20


def test_the_name_of_the_vertical_axis_is_turned(page):
    left, top, right, bottom = words(page)["label"]
    assert bottom - top > 1.5 * (right - left)


def test_texts_keep_their_middle(page):
    svg = matrix(["bad", "incomprehensible"]).decode()
    (found,) = [text for text in module._texts(svg) if text.text == "predicted"]
    left, _, right, _ = words(page)["predicted"]
    assert abs((left + right) / 2 - (found.x + found.width / 2)) < 1


def test_no_letter_is_a_path(page):
    with pikepdf.open(page) as pdf:
        content = b"".join(
            stream.read_bytes()
            for stream in pdf.objects
            if isinstance(stream, pikepdf.Stream) and stream.get("/Type") != "/Metadata"
        )
    assert content.count(b" c\n") < 20


@pytest.mark.parametrize("name", ["a -- b", "a - - b"])
def test_a_name_that_a_comment_cannot_hold_is_left_as_drawn(name, tmp_path):
    svg = matrix([name, "other"])
    lines, texts = module._apart(svg.decode())
    assert (lines, texts) == (svg.decode(), [])
    assert "other" not in words(drawn(tmp_path, svg))


@pytest.mark.parametrize(("which", "kept"), [(0, 1), (-1, None)])
def test_a_text_that_is_not_understood_stays_as_drawn(which, kept):
    """If its letters would be missing, so do all others."""
    svg = matrix(["bad", "good"]).decode()
    styles = list(re.finditer(r'<g style="(?=fill: #\w+" transform)', svg))
    at = styles[which].end()
    odd = f"{svg[:at]}opacity: 0.5; {svg[at:]}"
    lines, texts = module._apart(odd)
    if kept is None:
        assert (lines, texts) == (odd, [])
    else:
        assert len(texts) == len(styles) - kept


@pytest.mark.parametrize("name", ["<b>&amp;", "差", "naïve", "a b", "😀"])
def test_names_of_any_kind(name, tmp_path):
    texts = [text.text for text in module._texts(matrix([name, "other"]).decode())]
    assert texts.count(name) == 2
    drawn(tmp_path, matrix([name, "other"]))


def test_what_is_left_of_a_chart_is_a_drawing(tmp_path):
    lines, texts = module._apart(matrix(["bad", "good"]).decode())
    assert texts
    assert not set(module.USED.findall(lines)) - set(module.KNOWN.findall(lines))
    assert ElementTree.fromstring(lines).tag.endswith("svg")
