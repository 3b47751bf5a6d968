import csv
import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from reportgen import pipeline
from reportgen.analysis.findings import ExampleResult, measure
from reportgen.analysis.ordering import Outcome
from reportgen.errors import RenderError
from reportgen.options import ReportOptions
from reportgen.predictions import write_predictions
from reportgen.publish.cards import CardMaker
from reportgen.publish.html import templates
from reportgen.publish.names import safe_name
from reportgen.publish.pagination import paginate
from reportgen.publish.pieces import token_map
from tests.publish.conftest import (
    CLASSES,
    EPOCH,
    HOSTILE,
    Page,
    assert_links_resolve,
    body_of,
    info,
    prediction,
)

GOLD = Path(__file__).parent.parent / "gold"


def make_run(tmp_path, rows, run_info=None, **options):
    table = tmp_path / "table.parquet"
    write_predictions(table, run_info or info(rows=0, evaluated=0), rows)
    done = pipeline.render(
        table,
        ReportOptions(**options),
        pipeline.Workspace(tmp_path / "reports", "many"),
        pipeline.Execution(),
    )
    return done.folder


def test_every_link_and_picture_resolves(finished):
    assert_links_resolve(finished)


def test_every_example_has_one_card_and_one_heatmap(finished):
    page = Page(body_of(finished / "index.html"))
    assert sorted(i for i in page.ids if i.startswith("ex-")) == sorted(
        f"ex-{safe_name(id_)}" for id_ in HOSTILE
    )
    pictures = {path.name for path in (finished / "heatmaps").iterdir()}
    assert pictures == {f"{safe_name(id_)}.png" for id_ in HOSTILE}


def test_hostile_texts_are_text(finished):
    page = Page(body_of(finished / "index.html"))
    assert page.tags.count("script") == 1  # its own file
    assert not [name for name in page.attributes if name.startswith("on") or name == "style"]
    for id_, text in HOSTILE.items():
        assert text in page.text, id_


def test_the_page_allows_no_code_and_no_other_place(finished):
    text = body_of(finished / "index.html")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert unescape(policy[1]) == (
        "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self';"
        " script-src 'self'; base-uri 'none'; form-action 'none'"
    )


def test_the_first_page_says_what_how_good_and_how_sure(finished):
    text = Page(body_of(finished / "index.html")).text
    metrics = json.loads((finished / "metrics.json").read_text())
    low, high = metrics["quality"]["interval"]
    assert f"Accuracy {100 * metrics['quality']['accuracy']:.1f}\xa0% on 13 examples" in text
    assert f"95\xa0% interval {100 * low:.1f} to {100 * high:.1f}\xa0% (Wilson)" in text
    for said in ("hostile, split test", "a model: tiny", "1,234", "test.csv:7", "too few fields"):
        assert said in text, said
    assert "2, each shown as" in text


def test_sections_come_in_order_and_say_how_many(finished, table):
    from reportgen.predictions import open_predictions

    text = body_of(finished / "index.html")
    places = [text.index(f'id="{key}"') for key in ("mistakes", "unsure", "right")]
    assert places == sorted(places)
    with open_predictions(table) as predictions:
        findings = measure(predictions, 0.2)
        order = [predictions.ids[i] for s in findings.sections for i in s.indices]
    found = re.findall(r'<article [^>]*id="ex-([^"]+)"', text)
    assert found == [safe_name(id_) for id_ in order]
    for section in findings.sections:
        assert f"{len(section)} of 13; all shown here" in text or not len(section)


def test_the_card_says_right_or_wrong_in_words_and_shows_its_weights(finished):
    text = body_of(finished / "index.html")
    articles = re.findall(r"<article.*?</article>", text, re.S)
    assert len(articles) == 13
    for article in articles:
        wrong = "-wrong" in article.split('"')[1]
        assert ('<span class="verdict">Wrong' in article) == wrong
        assert ('<span class="verdict">Right' in article) == (not wrong)
        assert ", unsure</span>" in article or "confidently-" in article
    assert re.search(r'<i class="s[1-9][^"]*">', text)
    assert "out of vocabulary" in text


def test_missing_columns_are_named_on_the_page(tmp_path):
    rows = [prediction("x", "some words here", 1), prediction("y", "more words there", 2)]
    table = tmp_path / "t.parquet"
    write_predictions(table, info(), rows, columns=())
    done = pipeline.render(
        table, ReportOptions(), pipeline.Workspace(tmp_path / "r"), pipeline.Execution()
    )
    text = Page((done.folder / "index.html").read_text()).text
    for name in ("spans", "unknown", "logits"):
        assert f"The predictions have no column “{name}”" in text
    assert "some words here" in text


def test_pages_hold_a_hundred_cards_in_one_order(tmp_path):
    rows = [prediction(f"id {i:03}", f"words of number {i}", i) for i in range(112)]
    run = make_run(tmp_path, rows, pdf_examples=1)
    pages = sorted(path.name for path in run.glob("*.html"))
    assert pages == ["index.html", "page-0002.html"]
    counts = [body_of(run / p).count("<article") for p in pages]
    assert counts == [100, 12]
    assert_links_resolve(run)
    assert "page 2 of 2" in body_of(run / "page-0002.html")
    # Sections are continued under their heading, and say which part stands there.
    shown = [
        re.findall(r"(\d+) of 112; (?:all|(\d+) to (\d+)) shown here", body_of(run / p))
        for p in pages
    ]
    total = sum(int(b) - int(a) + 1 if a else int(n) for page in shown for n, a, b in page)
    assert total == 112
    with (run / "predictions.csv").open() as file:
        table = list(csv.DictReader(file))
    assert len(table) == 112
    for row in table[::37]:
        file, _, anchor = row["card"].partition("#")
        assert f'id="{anchor}"' in body_of(run / file)


def test_an_empty_section_is_stated(tmp_path):
    rows = [prediction(f"{i}", "all are wrong", 2, "pos") for i in range(3)]
    run = make_run(tmp_path, rows)
    text = body_of(run / "index.html")
    assert text.count("none of 3") == 2
    assert "There are no mistakes" not in text


def test_a_sample_is_said_in_the_title(tmp_path):
    rows = [prediction(f"{i}", "some words", i) for i in range(4)]
    run = make_run(tmp_path, rows, info(rows=40, evaluated=4))
    title = re.search(r"<title>(.*?)</title>", body_of(run / "index.html"))
    assert title
    assert "on 4 examples sampled from 40" in title[1]


def test_rows_are_those_of_the_table_and_not_of_its_metadata(tmp_path):
    rows = [prediction(f"{i}", "some words", i) for i in range(4)]
    run = make_run(tmp_path, rows, info(rows=40, evaluated=40))
    page = body_of(run / "index.html")
    assert "sampled from" not in page
    assert "the table has 4 rows, its metadata say 40 of 40" in page
    known = json.loads((run / "metrics.json").read_text())["run"]["data"]
    assert (known["evaluated"], known["rows"]) == (4, 40)


def test_paginate_puts_every_section_somewhere():
    from reportgen.analysis.ordering import Section

    sizes = (250, 0, 30)
    sections = [Section(str(n), str(n), np.arange(n), n) for n in sizes]
    pages = paginate(sections)
    assert [[len(b) for b in p.blocks] for p in pages] == [[100], [100], [50, 0, 30]]


def test_names_are_safe_and_distinct():
    ids = ["a", "A", "ä", "a b", "a-b", "a/b", "..", "", "con", "x" * 300, "日本", "a" * 61]
    names = [safe_name(id_) for id_ in ids]
    assert len({name.casefold() for name in names}) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9_-]{1,80}", name) for name in names)
    assert safe_name("test-042") == "test-042"


def test_token_map_is_the_text():
    made = prediction("x", 'He said "so  be it" — twice', 3)
    assert "".join(piece.text for piece in token_map(made)) == made.text
    weights = [p.weight for p in token_map(made) if p.token]
    assert np.allclose(weights, made.attention)


def test_unread_tokens_have_no_weight():
    import dataclasses

    weights = np.array([0.4, 0.6, np.nan], dtype=np.float32)
    made = dataclasses.replace(prediction("x", "so be it", 3), attention=weights)
    result = ExampleResult(0, 0.9, 0.8, Outcome.CONFIDENTLY_RIGHT, False, None)
    shown = CardMaker(CLASSES).card(made, result)
    assert [p.weight is None for p in shown.pieces if p.token] == [False, False, True]
    assert shown.counts == "3 tokens, 1 out of vocabulary, 1 not read"
    assert [word for word, _ in shown.attended[0].words] == ["be", "so"]


def test_a_broken_template_is_one_clear_error(tmp_path, monkeypatch):
    import jinja2

    (tmp_path / "bad.j2").write_text("line\n{% if %}")
    (tmp_path / "unset.j2").write_text("{{ nothing }}")
    environment = templates._environment()
    environment.loader = jinja2.FileSystemLoader(tmp_path)
    monkeypatch.setattr(templates, "_ENVIRONMENT", environment)
    with pytest.raises(RenderError, match=r"bad\.j2:2: Expected an expression"):
        templates.render("bad.j2", {})
    with pytest.raises(RenderError, match=r"template unset\.j2: 'nothing' is undefined"):
        templates.render("unset.j2", {})
    with pytest.raises(RenderError, match=r"missing\.j2: the template is missing"):
        templates.render("missing.j2", {})


def test_the_gold_report(finished):
    """The whole page of a small run; `REPORTGEN_GOLD=write make test` updates it."""
    text = (finished / "index.html").read_text()
    text = re.sub(r"[0-9a-f]{64}", "HASH", text)
    text = re.sub(r"\b[0-9a-f]{40}(, with uncommitted changes)?\b", "COMMIT", text)
    text = re.sub(r"(Z-|run )[0-9a-f]{8}", r"\1HASH8", text)
    text = re.sub(r'<tr><th scope="row">Software.*?</tr>', "VERSIONS", text)
    text = re.sub(r'<tr><th scope="row">Commit.*?</tr>\n', "", text)
    text = text.replace("COMMIT, with uncommitted changes", "COMMIT")
    gold = GOLD / "index.html"
    if os.environ.get("REPORTGEN_GOLD") == "write":
        gold.parent.mkdir(exist_ok=True)
        gold.write_text(text)
    assert text == gold.read_text()


@pytest.mark.parametrize("command", [("render", "--predictions", "TABLE"), ("--limit", "5")])
def test_two_processes_with_other_hash_seeds_write_the_same_bytes(tmp_path, table, command):
    manifests = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": EPOCH}
        given = [str(table) if word == "TABLE" else word for word in command]
        words = ("-m", "reportgen", *given, "--out", str(out))
        done = subprocess.run([sys.executable, *words, "--quiet"], env=environment)
        assert done.returncode == 0
        manifests.append(next(out.rglob("manifest.json")).read_text())
    assert manifests[0] == manifests[1]
    assert "report.pdf" in manifests[0]
