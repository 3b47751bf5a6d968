"""The pages of a comparison as documents: links, hostile texts, what stands where."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

from reportgen.publish.html.data import script
from reportgen.publish.names import safe_name
from reportgen.publish.verification import verify
from tests.publish.comparison.compared import ATTRIBUTIONS, INFO, opened, runs, written
from tests.publish.conftest import HOSTILE, Page, assert_links_resolve, body_of


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("pages"), shades="text")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison of hostile texts, of which every example is shown."""
    texts = {f"{id_} <u>{k}": text for k in range(2) for id_, text in HOSTILE.items()}
    return written(tmp_path_factory.mktemp("hostile"), runs(texts), pdf_examples=None)


def test_every_link_and_picture_resolves(run: Path, hostile: Path) -> None:
    assert_links_resolve(run)
    assert_links_resolve(hostile)
    assert not verify(run)


def test_every_example_that_changed_has_one_card_and_a_heatmap_of_each_run(run: Path) -> None:
    page = Page(body_of(run / "index.html"))
    cards = [i for i in page.ids if i.startswith("ex-")]
    names = [safe_name(n) for n in ("broken-sure", "broken", "fixed", "Changed", "bare")]
    assert cards == [f"ex-{name}" for name in names]
    for letter in "ab":
        files = {path.stem for path in (run / "heatmaps" / letter).iterdir()}
        assert files == set(names)


def test_the_outcomes_lead_to_their_sections(run: Path) -> None:
    text = body_of(run / "index.html")
    cells = re.findall(r'<a href="([^"]*#(?:broken|fixed|changed))">([\d,]+)</a>', text)
    assert cells == [
        ("index.html#broken", "2"), ("index.html#fixed", "1"), ("index.html#changed", "1"),
    ]  # fmt: skip
    heads = re.findall(r'<h2 id="([^"]+)">([^<]+) <small>([^<]+)</small>', text)
    assert [key for key, *_ in heads] == ["broken", "fixed", "changed", "differ"]
    assert heads[0][2] == (
        "2 of 8 shared examples; all shown here, most confident wrong answer first"
    )
    assert '<p class="note">Right in A, wrong in B.</p>' in text


def test_a_card_shows_the_label_both_answers_both_texts_both_heatmaps(run: Path) -> None:
    text = body_of(run / "index.html")
    card = re.search(r'<article [^>]*id="ex-broken">.*?</article>', text, re.DOTALL)
    assert card
    words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", card[0])))
    assert "✕ Broken label bad broken" in words
    assert re.search("A ✓ predicted bad 0.90 runner-up fair 0.05 the", words)
    assert re.search("B ✕ predicted fair 0.60 label 0.20, runner-up the", words)
    maps = re.findall(r'<p class="map">(.*?)</p>', card[0])
    assert len(maps) == 2
    darkest = [re.findall(r'<i class="s31[ u]*">(\w+)</i>', shaded) for shaded in maps]
    assert darkest == [["short"], ["the"]]
    pictures = re.findall(r'<img class="heatmap" src="([^"]+)".*? alt="([^"]+)"', card[0])
    assert [src for src, _ in pictures] == ["heatmaps/a/broken.png", "heatmaps/b/broken.png"]
    assert pictures[1][1].startswith("Attention heatmap: predicted fair with confidence 0.60")


def test_hostile_texts_and_ids_are_text(hostile: Path) -> None:
    page = Page(body_of(hostile / "index.html"))
    assert page.tags.count("script") == 1
    assert "u" not in page.tags
    assert not [n for n in page.attributes if n.startswith("on") or n == "style"]
    index = data_of(hostile, "index")
    for id_ in index["id"]:
        assert id_ in page.text
        assert HOSTILE[id_.split(" <u>")[0]] in page.text


def data_of(run: Path, name: str) -> dict:
    text = (run / "data" / f"{name}.js").read_text()
    pushed = text[text.index("push(") + 5 : text.rindex(")")]
    return json.loads(pushed)[1]


def test_the_policy_is_that_of_a_report(run: Path) -> None:
    text = unescape((run / "index.html").read_text())
    assert "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self';" in text
    assert " style=" not in text


def test_pages_of_many_changes_name_their_neighbours(tmp_path: Path) -> None:
    texts = {f"t{i:03}": f"text {i}" for i in range(200)}
    run = written(tmp_path, runs(texts), heatmap_engine="fast")
    assert_links_resolve(run)
    assert sorted(p.name for p in run.glob("*.html")) == ["index.html", "page-0002.html"]
    second = body_of(run / "page-0002.html")
    assert 'rel="prev" href="index.html"' in second
    assert "101 to 125 of 125" in second
    first = body_of(run / "index.html")
    assert 'href="page-0002.html#differ"' in first
    cards = [data_of(run, f"cards-{n:04}") for n in (1, 2)]
    assert [len(c) for c in cards] == [100, 25]
    assert len(data_of(run, "texts-0001")) == 125


def test_equal_comparisons_have_equal_bytes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append((written(tmp_path / name) / "manifest.json").read_text())
    assert made[0] == made[1]


def test_a_comparison_of_a_run_with_itself_has_no_cards(tmp_path: Path) -> None:
    first, _ = runs()
    run = written(tmp_path, (first, first))
    text = body_of(run / "index.html")
    assert "<article" not in text
    assert "No shared example belongs in the gallery" in text
    assert_links_resolve(run)


def test_runs_without_labels_have_one_section(tmp_path: Path) -> None:
    bare = [[p for p in rows if p.label is None] for rows in runs()]
    run = written(tmp_path, bare)
    text = body_of(run / "index.html")
    assert re.findall(r'<h2 id="([^"]+)">', text) == ["differ"]
    assert "<caption>Measures" not in text
    assert 'name="label"' not in text
    assert "Largest confidence" in text


def test_three_runs_have_a_section_for_each(tmp_path: Path) -> None:
    first, second = runs()
    run = written(tmp_path, (first, second, first))
    text = body_of(run / "index.html")
    keys = ["all-wrong", "only-A-right", "only-B-right", "only-C-right", "differ"]
    assert re.findall(r'<h2 id="([^"]+)">', text) == keys
    card = re.search(r'<article [^>]*id="ex-fixed">.*?</article>', text, re.DOTALL)
    assert card
    assert card[0].count('class="map"') == 3
    assert "Only B right" in card[0]
    assert "<caption>Right and wrong against A</caption>" in text
    assert_links_resolve(run)


def test_help_says_what_each_run_is_shaded_by(tmp_path: Path) -> None:
    run = written(tmp_path, infos=(INFO, ATTRIBUTIONS))
    text = unescape(body_of(run / "index.html"))
    assert "by the weights of that run alone. A: A word is shaded where it received more" in text
    assert "B: Words are shaded by attributions (SHAP values)" in text


def test_data_files_hold_what_a_page_may_load(tmp_path: Path) -> None:
    with opened(tmp_path) as gallery:
        from reportgen.publish.comparison.data import flips_data

        cards = gallery.flips(gallery.places).cards()
        text = script("cards-0001", flips_data(cards, gallery.shared_scales))
    assert "<" not in text
