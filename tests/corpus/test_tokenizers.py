from __future__ import annotations

import gzip
import json
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torchtext.data.utils import get_tokenizer as torchtext_tokenizer

from reportgen.corpus.dataset import tokenized
from reportgen.corpus.text import clean
from reportgen.corpus.tokenizers import (
    align,
    basic_english,
    characters,
    get_tokenizer,
    is_custom,
    phrase_in,
)
from reportgen.errors import DependencyError, TokenizeError
from reportgen.records import Example, Span

theirs: Callable[[str], list[str]] = torchtext_tokenizer("basic_english")
TEXTS = st.text(st.sampled_from("abÉß09.,()!?';:\"-<>&*/ \n\t\xa0") | st.characters(codec="utf-8"))


def cut(text: str, spans: list[Span]) -> list[str]:
    return [text[start:end] for start, end in spans]


def as_torchtext(text: str) -> list[str]:
    """Our tokens lower-cased and without the marks that torchtext drops."""
    tokens = (token.lower().replace('"', "") for token in cut(text, basic_english(text)))
    return [token for token in tokens if token not in ("", ";", ":")]


def covers(text: str, spans: list[Span]) -> bool:
    """The spans are in order, do not overlap, and leave out nothing but white space."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    gaps = [text[a:b] for a, b in zip(ends, starts, strict=True)]
    return all(a < b for a, b in spans) and all(not gap.strip() for gap in gaps)


def test_basic_english_keeps_spelling_case_and_marks() -> None:
    text = 'He said: "It\'s NOT (that) bad..."; 7/10!'
    expected = 'He|said|:|"|It|\'|s|NOT|(|that|)|bad|.|.|.|"|;|7/10|!'
    assert cut(text, basic_english(text)) == expected.split("|")


def test_a_double_quote_inside_a_word_stays_there() -> None:
    assert cut('5"4 ""x"" "', basic_english('5"4 ""x"" "')) == [
        *('5"4', '"', '"', "x", '"', '"', '"')
    ]


@pytest.mark.parametrize("tokenize", [basic_english, characters])
@pytest.mark.parametrize("text", ["", " \n\t\xa0", "\u2003"])
def test_a_text_without_words_has_no_tokens(
    tokenize: Callable[[str], list[Span]], text: str
) -> None:
    assert tokenize(text) == []


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_basic_english_equals_torchtext(raw: str) -> None:
    text = clean(raw)[0]
    # torchtext also takes out a tag with quotes inside, and lower-cases the capital sigma by the
    # word that follows it.
    assume("<br />" not in text.lower().replace('"', "") and "Σ" not in text)
    assert as_torchtext(text) == theirs(text)


def test_basic_english_equals_torchtext_on_real_reviews(real_data: Path) -> None:
    with gzip.open(real_data / "imdb" / "test_200.jsonl.gz", "rt", encoding="utf-8") as file:
        reviews = [clean(json.loads(line)["text"])[0] for line in file]
    assert len(reviews) == 200
    for review in reviews:
        assert as_torchtext(review) == theirs(review)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
@pytest.mark.parametrize("tokenize", [basic_english, characters])
def test_tokens_cover_the_text(tokenize: Callable[[str], list[Span]], text: str) -> None:
    assert covers(text, tokenize(text))


@settings(max_examples=50, deadline=None)
@given(TEXTS)
@pytest.mark.parametrize("name", ["basic_english", "character"])
def test_tokens_stand_at_their_spans(name: str, text: str) -> None:
    example = tokenized(Example("a", text, "pos"), get_tokenizer(name))
    assert example.tokens == tuple(text[start:end] for start, end in example.spans)
    assert all(a[1] <= b[0] for a, b in pairwise(example.spans))


@pytest.mark.parametrize(
    "letter",
    [
        "e\u0301",  # combining acute
        "n\u0303\u0323",  # two marks on one letter
        "\u0915\u093f",  # Devanagari letter and vowel sign (a spacing mark)
        "\u0915\u094d\u200d\u0937",  # two joined to one
        "1\ufe0f\u20e3",  # keycap
        "\u2764\ufe0f",  # variation selector
        "\U0001f44d\U0001f3fd",  # skin tone
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # family
        "\U0001f469\U0001f3fd\u200d\U0001f4bb",  # skin tone and joiner
        "\U0001f1e9\U0001f1ea",  # flag
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # flag of tags
        "\u1112\u1161\u11ab",  # decomposed Korean
        "\uff76\uff9e",  # halfwidth voiced kana
    ],
)
def test_what_readers_see_as_one_character_is_one_token(letter: str) -> None:
    text = f"a{letter}{letter} {letter}b"
    assert cut(text, characters(text)) == ["a", letter, letter, letter, "b"]


def test_characters_of_a_script_without_spaces() -> None:
    assert cut("映画は 良い。", characters("映画は 良い。")) == list("映画は良い。")


def test_three_regional_indicators_are_a_flag_and_a_letter() -> None:
    text = "\U0001f1e9\U0001f1ea\U0001f1eb"
    assert characters(text) == [(0, 2), (2, 3)]


def test_a_mark_does_not_reach_over_white_space() -> None:
    assert characters("a \u0301b") == [(0, 1), (2, 3), (3, 4)]


@pytest.mark.parametrize("name", ["", "words", "spacy:", ":f", "module:"])
def test_an_unknown_tokenizer(name: str) -> None:
    with pytest.raises(TokenizeError) as caught:
        get_tokenizer(name)
    assert str(caught.value) == (
        f"unknown tokenizer {name!r};"
        " choose basic_english, character, spacy:MODEL or module:function"
    )


def test_which_tokenizers_are_custom() -> None:
    names = ("basic_english", "character", "spacy:en", "os:getcwd")
    assert [is_custom(name) for name in names] == [False, False, True, True]


# module:function


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write the module ``own_tokenizer`` into the working directory."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "own_tokenizer", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda code: (tmp_path / "own_tokenizer.py").write_text(code) and None


def failure(name: str, text: str | None = None) -> str:
    with pytest.raises(TokenizeError) as caught:
        tokenized(Example("r 7", text or "", "pos"), get_tokenizer(name))
    return str(caught.value)


def test_tokens_of_an_own_function_are_aligned(own: Callable[[str], None]) -> None:
    own("def words(text):\n    return text.lower().replace(',', '').split()\n")
    text = "The cat, or the Dog"
    example = tokenized(Example("a", text, "pos"), get_tokenizer("own_tokenizer:words"))
    assert example.tokens == ("The", "cat", "or", "the", "Dog")
    assert example.spans == ((0, 3), (4, 7), (9, 11), (12, 15), (16, 19))


def test_spans_of_an_own_function_are_taken(own: Callable[[str], None]) -> None:
    own("def halves(text):\n    n = len(text) // 2\n    yield 0, n\n    yield [n, len(text)]\n")
    example = tokenized(Example("a", "abcd", "pos"), get_tokenizer("own_tokenizer:halves"))
    assert example.tokens == ("ab", "cd")


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ("['a', 'xyz']", "token 'xyz' is not in the text after character 1"),
        ("['b', 'a']", "token 'a' is not in the text after character 3"),
        ("['']", "token '' is not in the text after character 0"),
        ("[(0, 2), (1, 3)]", "span (1, 3) does not lie in the text after character 2"),
        ("[(1, 1)]", "span (1, 1) does not lie in the text after character 0"),
        ("[(0, 9)]", "span (0, 9) does not lie in the text after character 0"),
        ("None", "TypeError: 'NoneType' object is not iterable"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_failing_function_names_the_example(
    own: Callable[[str], None], result: str, message: str
) -> None:
    own(f"def f(text):\n    return {result}\n")
    assert failure("own_tokenizer:f", "a b") == (
        f"tokenizer own_tokenizer:f, example 'r 7': {message}"
    )


def test_a_function_that_cannot_be_loaded(own: Callable[[str], None]) -> None:
    own("number = 3\n")
    assert failure("no_such_module:f") == (
        "tokenizer no_such_module:f: No module named 'no_such_module'"
    )
    assert failure("own_tokenizer:f") == (
        "tokenizer own_tokenizer:f: module 'own_tokenizer' has no attribute 'f'"
    )
    assert failure("own_tokenizer:number") == "tokenizer own_tokenizer:number is not a function"


def test_a_module_that_fails_when_imported(own: Callable[[str], None]) -> None:
    own("raise RuntimeError('no licence')\n")
    assert failure("own_tokenizer:f") == "tokenizer own_tokenizer:f: RuntimeError: no licence"


def test_the_case_as_written_goes_first() -> None:
    assert align("the cat The", ["The"]) == [(8, 11)]


def test_a_lower_cased_word_is_not_sought_behind_its_own_place() -> None:
    assert align("It was it", ["it", "was", "it"]) == [(0, 2), (3, 6), (7, 9)]


def test_case_is_disregarded_beside_a_letter_that_grows() -> None:
    assert align("İ The End", ["the", "end"]) == [(2, 5), (6, 9)]


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("aAbB ., Éé")), st.booleans())
def test_split_words_are_found_where_they_stand(text: str, lower: bool) -> None:
    spans = align(text, (text.lower() if lower else text).split())
    assert cut(text, spans) == text.split()
    assert covers(text, spans)


# spaCy


@dataclass
class Token:
    idx: int
    text: str

    def __len__(self) -> int:
        return len(self.text)

    @property
    def is_space(self) -> bool:
        return self.text.isspace()


class Model:
    """Tokenizes as a blank spaCy model does: at single spaces; more white space is a token."""

    max_length = 50

    def make_doc(self, text: str) -> list[Token]:
        if len(text) > self.max_length:
            raise ValueError("[E088] Text of length 60 exceeds maximum of 50")
        doc, at = [], 0
        for word in text.split(" "):
            doc.append(Token(at, word or " "))
            at += len(word) + 1
        return doc


@pytest.fixture
def fake_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> Model:
        if name != "blank":
            raise OSError(f"[E050] Can't find model '{name}'.\nIt doesn't seem to be a package.")
        return Model()

    module = types.ModuleType("spacy")
    module.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spacy", module)


def test_spacy_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(DependencyError) as caught:
        get_tokenizer("spacy:en_core_web_sm")
    assert str(caught.value) == (
        "tokenizer spacy:en_core_web_sm needs spaCy: pip install 'reportgen[spacy]'"
    )


@pytest.mark.usefixtures("fake_spacy")
def test_spacy_tokens_have_spans_and_no_white_space() -> None:
    text = "Not  bad at all"
    example = tokenized(Example("a", text, "pos"), get_tokenizer("spacy:blank"))
    assert example.tokens == ("Not", "bad", "at", "all")
    assert example.spans == ((0, 3), (5, 8), (9, 11), (12, 15))


@pytest.mark.usefixtures("fake_spacy")
def test_spacy_errors_are_translated() -> None:
    assert failure("spacy:xx") == "tokenizer spacy:xx: [E050] Can't find model 'xx'."
    assert failure("spacy:blank", "x" * 60) == (
        "tokenizer spacy:blank, example 'r 7':"
        " ValueError: [E088] Text of length 60 exceeds maximum of 50"
    )


JAPANESE = "料理はとても美味しかったです。また行きたいと思います。"
THAI = "อาหารอร่อยมากและพนักงานบริการดีมาก"


@pytest.mark.parametrize(
    "text", [JAPANESE, THAI, "这家餐厅的菜非常好吃，下次还会再来", f"OK! {JAPANESE}"]
)
def test_phrases_of_a_script_without_spaces_are_found(text: str) -> None:
    assert phrase_in(cut(text, basic_english(text))) in text.split(" ")
    assert phrase_in(cut(text, characters(text))) is None


@pytest.mark.parametrize(
    "text",
    [
        "The food was excellent and the service was friendly, 美味しいラーメン.",
        "料理 は とても 美味しかった です 。",
        "อาหาร อร่อย มาก และ พนักงาน บริการ ดี มาก",
        "음식이 정말 맛있었고 직원들도 친절했습니다",
        "Donaudampfschifffahrtsgesellschaftskapitän und Krankenversicherungsbeitragserhöhung",
        "",
        "...",
    ],
)
def test_words_are_no_phrases(text: str) -> None:
    assert phrase_in(cut(text, basic_english(text))) is None
