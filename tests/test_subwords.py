"""Word-pieces of each kind of tokenizer become words; what is no piece stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.marks import find_marks, is_special, unmarked
from reportgen.records import Span
from reportgen.subwords import find_words, merge_subwords, steps

REFUND = "The refund never showed up, broken checkout!"
NAN = float("nan")
NAMES = "[CLS] [SEP] [PAD] <s> </s> <pad> <PAD> <cls> <bos> <|endoftext|> <|im_end|> <｜end▁of▁x｜>"
TOKENS = "a ##b Ġc ▁d e@@ f</w> [CLS] </s> <0xF0> <0x9F> ðŁĺ Ģ 日 ▁ Ġ Ċ , ## ĠÃ © [UNK]"

# text, tokens, their words joined by "|"
MERGED: dict[str, tuple[str, str, str]] = {
    "byte-level": (
        REFUND,
        "The Ġrefund Ġnever Ġshow ed Ġup , Ġbroken Ġcheck out !",
        "The|refund|never|showed|up|,|broken|checkout|!",
    ),
    "sentencepiece": (
        REFUND,
        "▁The ▁ref und ▁never ▁showed ▁up , ▁broken ▁ check out ! </s>",
        "The|refund|never|showed|up|,|broken|checkout|!",
    ),
    "wordpiece": (
        REFUND,
        "[CLS] the ref ##und [UNK] showed up , bro ##ke ##n check ##out ! [SEP] [PAD]",
        "the|refund|[UNK]|showed|up|,|broken|checkout|!",
    ),
    "subword-nmt": ("lower still", "lo@@ w@@ er still", "lower|still"),
    "ends of words": ("lower still", "<|startoftext|> lo wer</w> still</w>", "lower|still"),
    "bytes of an emoji": ("I 😀!", "I ĠðŁĺ Ģ !", "I|😀|!"),
    "bytes of an accent": ("a café", "a Ġc af Ã ©", "a|café"),
    "byte fallback": ("hi 🦩 you", "▁hi ▁ <0xF0> <0x9F> <0xA6> <0xA9> ▁you", "hi|🦩|you"),
    "letters in bytes": ("été “x”", "Ã©tÃ© ĠâĢľ x âĢĿ", "été|“|x|”"),
    "a break": ("a\nb", "a Ċ b Ġ", "a|\n|b| "),
    "a space before a break": ("a \n b", "a Ġ Ċ Ġb", "a| |\n|b"),
    "vowel signs": ("नमस्ते जी", "▁न मस ् ते ▁जी", "नमस्ते|जी"),
    "scripts without spaces": ("今日はiPhoneです", "▁今日 は i Phone です", "今日|は|iPhone|です"),
    "bytes without spaces": ("日本 です", "æĹ¥ æľ¬ ĠãģĨ", "日|本|う"),
    "marked pieces without spaces": ("テキスト", "テキ ##スト", "テキスト"),
    "a possessive": ("it's 3.5", "it 's Ġ3 . 5", "it|'s|3|.|5"),
}
UNTOUCHED: dict[str, tuple[str, str]] = {
    "words": ("can not", "can not"),
    "hashes": ("## head", "## head"),
    "two hashes and a word": ("##head on", "##head on"),
    "a letter that is a mark elsewhere": ("Ġanni go", "Ġanni go"),
    "letters of byte-level BPE": ("żółć", "żó łć"),
    "tags": ("<s>old</s>", "<s> old </s>"),
    "an address": ("me@@you", "me@@ you"),
    "an unknown word": ("x", "[UNK]"),
    "no tokens": ("", ""),
}


@pytest.mark.parametrize("case", MERGED)
def test_pieces_become_words(case: str) -> None:
    text, tokens, words = MERGED[case]
    found = find_words(tokens.split(), None, text)
    assert "|".join(found.tokens) == words
    assert found.spans is None


@pytest.mark.parametrize("case", UNTOUCHED)
def test_where_nothing_is_recognised_nothing_changes(case: str) -> None:
    text, joined = UNTOUCHED[case]
    tokens = joined.split()
    weights = np.full(len(tokens), 0.5)
    merged = merge_subwords(tokens, weights, None, text)
    assert merged.tokens == tuple(tokens)
    assert merged.weights.tolist() == weights.tolist()
    assert merged.steps == ()


def test_words_are_written_as_in_the_text_where_places_are_known() -> None:
    text = "The Refund, çok İyi"
    tokens = ["[CLS]", "the", "ref", "##und", ",", "co", "##k", "iyi", "[SEP]"]
    spans = [(0, 0), (0, 3), (4, 7), (7, 10), (10, 11), (12, 14), (14, 15), (16, 19), (0, 0)]
    merged = merge_subwords(tokens, [0.5, 0, 0.1, 0.1, 0, 0.05, 0.05, 0, 0.2], spans, text)
    assert merged.tokens == ("the", "Refund", ",", "çok", "iyi")
    assert merged.spans == ((0, 3), (4, 10), (10, 11), (12, 15), (16, 19))
    np.testing.assert_allclose(merged.weights, [0, 2 / 3, 0, 1 / 3, 0], rtol=1e-6)
    assert merged.words.index.tolist() == [-1, 0, 1, 1, 2, 3, 3, 4, -1]
    assert merged.steps == steps(merged=True, dropped=True, kind="attention")


def test_spans_lose_their_space_and_keep_white_space_alone() -> None:
    text = "a fine\n\nfilm"
    tokens, spans = ["a", "Ġfine", "Ċ", "Ċ", "film"], [(0, 1), (1, 6), (6, 7), (7, 8), (8, 12)]
    found = find_words(tokens, spans, text)
    assert found.tokens == ("a", "fine", "\n", "\n", "film")
    assert found.spans == ((0, 1), (2, 6), (6, 7), (7, 8), (8, 12))


def test_what_is_marked_to_go_on_but_stands_apart_is_no_piece() -> None:
    assert find_words(["a", "##b"], [(0, 1), (2, 3)], "a b").tokens == ("a", "b")
    assert find_words(["a", "##b"], [(0, 1), (2, 3)], "a-b").tokens == ("a-b",)
    assert find_words(["a@@", "b"], [(0, 1), (2, 3)], "a b").tokens == ("a", "b")


def test_tokens_that_share_a_character_are_one() -> None:
    spans = [(0, 1), (2, 3), (2, 3), (3, 4)]
    found = find_words(["I", "ĠðŁĺ", "Ģ", "!"], spans, "I 😀!")
    assert (found.tokens, found.spans) == (("I", "😀", "!"), ((0, 1), (2, 3), (3, 4)))


def test_a_special_name_that_stands_in_the_text_is_of_the_text() -> None:
    text = "a [SEP] b"
    spans: list[Span | None] = [None, (0, 1), (2, 7), (8, 9), (9, 9)]
    found = find_words(["[CLS]", "a", "[SEP]", "b", "[SEP]"], spans, text)
    assert found.tokens == ("a", "[SEP]", "b")


def test_word_ids_decide() -> None:
    ids = [None, 0, 0, 1, 1, None]
    merged = merge_subwords(list("^abcd$"), [0.5, 0.1, 0.1, 0.1, 0.1, 0.1], None, None, ids)
    assert merged.tokens == ("ab", "cd")
    assert merged.weights.tolist() == [0.5, 0.5]
    assert find_words(["▁up", ",", "▁x"], None, "up, x", [0, 0, 1]).tokens == ("up,", "x")
    assert find_words(["ref", "##und"], None, "refund", [0, 1]).tokens == ("ref", "und")


def test_word_ids_that_cover_a_sentence_do_not_join_scripts_without_spaces() -> None:
    text, tokens = "今日は天気", ["▁", "今日", "は", "天気"]
    spans = [(0, 1), (0, 2), (2, 3), (3, 5)]
    assert find_words(tokens, spans, text, [0, 0, 0, 0]).tokens == ("今日", "は", "天気")


def test_attention_is_rescaled_only_where_special_tokens_are_left_out() -> None:
    assert merge_subwords(["a", "##b"], [0.3, 0.3]).weights.tolist() == pytest.approx([0.6])
    left = merge_subwords(["[CLS]", "a", "b"], [0.5, 0.3, 0.2])
    assert left.weights.tolist() == pytest.approx([0.6, 0.4])
    assert left.steps == ("special tokens left out and the rest rescaled",)
    unread = merge_subwords(["[CLS]", "a", "##b", "c", "##d"], [0.5, 0.25, NAN, NAN, NAN])
    np.testing.assert_array_equal(unread.weights, [1, NAN])


def test_attributions_keep_their_unit() -> None:
    tokens = ["[CLS]", "a", "##b", "c"]
    merged = merge_subwords(tokens, [9.0, 0.5, -2.0, 1.0], kind="attribution")
    assert merged.weights.tolist() == [-1.5, 1.0]
    assert merged.steps == ("word-pieces summed to words", "special tokens left out")


def test_attention_that_is_all_on_special_tokens_leaves_none() -> None:
    assert np.isnan(merge_subwords(["[CLS]", "a"], [1.0, 0.0]).weights).all()


def test_heads_flags_and_what_was_measured_of_one_token() -> None:
    words = find_words(["[CLS]", "a", "##b", "c"])
    heads = words.weights(np.array([[0.5, 0.1, 0.2, 0.2], [0, 0.5, 0.5, 0]]), "attention")
    np.testing.assert_allclose(heads, [[0.6, 0.4], [1, 0]], rtol=1e-6)
    assert words.any(np.array([True, False, True, False])).tolist() == [True, False]
    np.testing.assert_array_equal(words.alone(np.array([0.1, 0.2, 0.3, 0.5])), [NAN, 0.5])


def test_marks_of_a_table_are_those_of_any_row() -> None:
    texts, rows = ["checkout", "a b"], [["check", "out"], ["a", "Ġb"]]
    marks = find_marks(texts, rows)
    assert marks == {"Ġ"}
    assert find_words(rows[0], None, texts[0]).tokens == ("check", "out")
    assert find_words(rows[0], None, texts[0], None, marks).tokens == ("checkout",)


@pytest.mark.parametrize(
    "name",
    NAMES.split(),
)
def test_special_tokens_are_known_by_name(name: str) -> None:
    assert is_special(name)


@pytest.mark.parametrize(
    "name", ["[UNK]", "<unk>", "[MASK]", "<br>", "[x]", "<a|b>", "||", "<", "["]
)
def test_other_brackets_are_not(name: str) -> None:
    assert not is_special(name)


def test_lengths_must_agree() -> None:
    for more in ({"spans": [(0, 1)]}, {"word_ids": [0]}):
        with pytest.raises(ValueError, match="2 tokens, but 1"):
            merge_subwords(["a", "b"], [0.5, 0.5], **more)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="2 tokens, but weights of shape"):
        merge_subwords(["a", "b"], [0.5])


PIECES = st.lists(
    st.sampled_from(TOKENS.split()),
    max_size=12,
)


@given(PIECES, st.sampled_from([None, "", "a b", "## , 日"]))
def test_every_token_is_of_one_word_or_special(tokens: list[str], text: str | None) -> None:
    weights = np.arange(1, len(tokens) + 1) / 100
    merged = merge_subwords(tokens, weights, None, text, kind="attribution")
    index: Sequence[int] = merged.words.index.tolist()
    kept = [i for i in index if i >= 0]
    assert kept == sorted(kept)
    assert set(kept) == set(range(len(merged.tokens)))
    assert all(is_special(t) for t, i in zip(tokens, index, strict=True) if i < 0)
    total = sum(w for w, i in zip(weights, index, strict=True) if i >= 0)
    assert float(merged.weights.sum()) == pytest.approx(total, abs=1e-5)
    assert all(merged.tokens), "no word is without a name"


def test_a_token_without_marks_is_itself() -> None:
    assert [unmarked(t) for t in ("a", "##", "Ġ", "▁", "@@")] == ["a", "##", " ", " ", "@@"]
