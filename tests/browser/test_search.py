"""The search finds what a plain search of the texts finds, and it folds as the writer does."""

import random
import re
import unicodedata
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from reportgen.predictions import write_predictions
from reportgen.publish.html.search import fold, runs_of
from reportgen.publish.html.templates import TEMPLATES
from tests.browser.conftest import without_pictures
from tests.publish.conftest import info, prediction

WORDS = [
    "a", "an", "and", "naïve", "Café", "10", "dull", "duller", "don't", "手机", "Ωmega", "_x",
    "人々が", "大満足です", "ไม่ดี", "कि", "किताब", "ＦＵＬＬ", "ﾊﾟﾊﾟ", "영화를",
]  # fmt: skip
UNSPACED = {*"手机人々が大満足ですไมดีパ"}  # letters of scripts without spaces
BETWEEN = [" ", " ", " ", " ", "  ", ", ", ". ", " - ", "-", "…", '"', "!! ", "\n", "", "/", "' "]
SIZE = 2300  # of the gallery: three parts


@pytest.fixture(scope="module")
def texts():
    draw = random.Random(5)
    return [
        "".join(draw.choice(WORDS) + draw.choice(BETWEEN) for _ in range(draw.randrange(9)))
        for _ in range(SIZE)
    ]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("mixed")
    rows = [prediction(f"r-{i:04}", text, i) for i, text in enumerate(texts)]
    write_predictions(folder / "t.parquet", info(), rows)
    return without_pictures(folder / "t.parquet", folder)


def plainly(text, query):
    """Whether the query is in the text, by looking at every place of the folded text."""
    for phrase, word in re.findall(r'"([^"]+)"?|(\S+)', query):
        begins = bool(word[-1:] == "*" and word[:-1] and part_of_word(word[-2]))
        term, places = fold(phrase or (word[:-1] if begins else word)).strip(), []
        for match in re.finditer(f"(?={re.escape(term)})", fold(text)):
            start, end = match.start(), match.start() + len(term)
            before, after = fold(text)[:start], fold(text)[end:]
            starts = not inside(before[-1:], term[0])
            ends = begins or not inside(term[-1], after[:1])
            if starts and ends:
                places.append(start)
        if not places:
            return False
    return True


def part_of_word(character):
    return unicodedata.category(character)[0] in "LNM"


def inside(left, right):
    """Whether a word goes on between two characters; scripts without spaces have no such place."""
    return bool(left and right) and all(
        part_of_word(c) and c not in UNSPACED and not "\u0e00" <= c <= "\u0eff"
        for c in (left, right)
    )


QUERIES = [
    "a", "an", "dul", "dull", '"dull"', "CAFE", "naive caf", "don't", '"don t"', "don", '"don\'"',
    "10", '"10/10"', "10/1", "手", "机", "手机", "omega", "ω", "_", "_x", "x", '"', "!!", "!", "-",
    "…", '"dull, dull"', '"dull dull"', '"dull  dull"', '"and - an"', '"and - a"', '". a"', '"a."',
    "a,", '"dull" -', "zebra", '"a an and"', '"手机 a"', "café-10", "'", "dul*", "dull*", "du* a",
    "an*", "*", "d*l", "10*", "満足", "足で", "人々", "々", "か", "が", "满", "大満足です", "足でa",
    "ไม", "ม่", "ดี", "कि", "कि*", "कित", "ताब", "full", "Ｆull",
    "パパ", "ぱぱ", "ハハ", "영화", "영화*", '"dull*"',
]  # fmt: skip


def test_it_finds_what_a_plain_search_finds(look, mixed, texts):
    page = look(mixed / "index.html")
    field, counts = page.locator("[name=q]"), set()
    for query in QUERIES:
        wanted = [i for i, text in enumerate(texts) if plainly(text, query)]
        page.evaluate("document.querySelector('#count').textContent = ''")
        field.fill(query)
        expect(page.locator("#count")).to_have_text(f"{len(wanted):,} of {SIZE:,}")
        page.wait_for_function(
            f"document.querySelectorAll('#cards .card').length == {min(len(wanted), 20)}"
        )
        shown = page.eval_on_selector_all("#cards .card", "all => all.map(card => card.id)")
        assert {int(name.removeprefix("ex-r-")) for name in shown} <= set(wanted)
        counts.add(len(wanted))
    assert len(counts) > 25  # the queries tell the texts apart


def test_only_the_texts_are_read_for_the_count(look, mixed):
    page = look(mixed / "index.html", "#q=zebra")
    expect(page.locator("#count")).to_have_text(f"0 of {SIZE:,}")
    asked = [url.rsplit("/", 1)[-1] for url in page.requests if "/data/" in url]
    assert sorted(asked) == [
        "index.js",
        "runs.js",
        "texts-0001.js",
        "texts-0002.js",
        "texts-0003.js",
    ]


def test_a_search_before_all_is_read_is_complete_and_a_missing_part_is_said(look, mixed):
    part = mixed / "data" / "texts-0003.js"
    page = look(mixed / "index.html")
    page.evaluate("location.hash = '#q=dull'")
    expect(page.locator("#count")).to_have_text(re.compile(rf"^[\d,]+ of {SIZE:,}$"))
    whole = page.locator("#count").inner_text()
    hidden = part.rename(part.with_suffix(".away"))
    try:
        lame = look(mixed / "index.html", "#q=dull")
        expect(lame.locator("#count")).to_contain_text("texts-0003.js is missing")
    finally:
        hidden.rename(part)
    lame.evaluate("location.hash = '#q=dulle'")
    expect(lame.locator("#count")).to_have_text(re.compile(rf"^[\d,]+ of {SIZE:,}$"))
    lame.evaluate("location.hash = '#q=dull'")
    expect(lame.locator("#count")).to_have_text(whole)


def test_the_script_folds_and_splits_as_the_writer(browser):
    """Of every character that both know; a later Unicode has more."""
    page = browser.new_page()
    source = (TEMPLATES / "gallery" / "search.js").read_text()
    start, end = source.index("const UNSPACED"), source.index("let allRuns")
    names = ("fold", "runsOf")
    functions = [re.search(rf"function {n}.*?\n}}\n", source, re.DOTALL)[0] for n in names]
    known = [
        code
        for code in range(0x20, 0x110000)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")
    ]
    found = page.evaluate(
        """([source, codes]) => {
            const split = new Function(source + "; return (t) => runsOf(fold(t))")();
            return codes.map((c) => split(`x${String.fromCodePoint(c)}y z`).join("|"));
        }""",
        [source[start:end] + "".join(functions), known],
    )
    page.close()
    differing = [
        f"U+{code:04X}"
        for code, runs in zip(known, found, strict=True)
        if runs != "|".join(runs_of(f"x{chr(code)}y z"))
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("query", "underlined"),
    [
        ("満足", {"大満足です", "満足", "満足です"}),
        ("nothing", {"nothing"}),
        ("not", {"not"}),
        ("not*", {"not", "nothing"}),
        ('"is not"', {"is", "not"}),
        ("ing", set()),
        ("bert", {"BERTで"}),
        ("足で", {"大満足です", "満足です"}),
        ("ＢＥＲＴ", {"BERTで"}),
    ],
)
def test_every_token_that_a_hit_stands_in_is_underlined(
    look, tokens_of_many_kinds, query, underlined
):
    page = look(tokens_of_many_kinds / "index.html")
    page.locator("[name=q]").fill(query)
    expect(page.locator("#count")).to_have_text(re.compile(r"^[01] of 1$"))
    if underlined:
        expect(page.locator("#cards .hit").first).to_be_attached()
    assert set(page.locator("#cards .hit").all_text_contents()) == underlined


@pytest.fixture(scope="module")
def tokens_of_many_kinds(tmp_path_factory):
    """One text whose tokens are words, parts of sentences and both."""
    folder = tmp_path_factory.mktemp("kinds")
    text = "this is not nothing 大満足です 満足 です BERTで 満足です"
    rows = [replace(prediction("r-0", text, 0), label="pos")]
    write_predictions(folder / "t.parquet", info(rows=1, evaluated=1), rows)
    return without_pictures(folder / "t.parquet", folder)
