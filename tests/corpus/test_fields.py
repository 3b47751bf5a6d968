from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.corpus.dataset import tokenized
from reportgen.corpus.fields import Batch, Fields, to_word
from reportgen.corpus.tokenizers import get_tokenizer
from reportgen.records import Example

WORDS = ["<unk>", "<pad>", "good", "bad", "film"]
CLASSES = ["neg", "pos"]
ENGLISH = get_tokenizer("basic_english")
LENGTHS = st.lists(st.integers(0, 12), max_size=30)


def example(text: str, label: str = "pos") -> Example:
    return tokenized(Example("a", text, label), ENGLISH)


def of_lengths(lengths: Iterable[int]) -> list[Example]:
    """Examples whose words say which of the examples they stand in."""
    return [
        Example(str(i), "", CLASSES[i % 2], tokens=(f"w{i}",) * n) for i, n in enumerate(lengths)
    ]


def own_words(count: int) -> Fields:
    return Fields([*WORDS[:2], *(f"w{i}" for i in range(count))], CLASSES)


def positions(batches: Sequence[Batch]) -> list[list[int]]:
    return [batch.positions for batch in batches]


def check(batches: Sequence[Batch], lengths: Sequence[int], batch_size: int) -> None:
    """Every row once, whole, with its label, padded on the right, longest first."""
    assert sorted(chain.from_iterable(positions(batches))) == list(range(len(lengths)))
    for batch in batches:
        assert 1 <= len(batch) <= batch_size
        found = batch.lengths.tolist()
        assert found == [lengths[i] for i in batch.positions]
        assert found == sorted(found, reverse=True)
        assert batch.words.shape == (len(batch), max(found))
        assert batch.words.dtype == batch.labels.dtype == torch.int64
        assert batch.labels.tolist() == [i % 2 for i in batch.positions]
        for row, position, length in zip(batch.words.tolist(), batch.positions, found, strict=True):
            assert row == [position + 2] * length + [1] * (max(found) - length)


def test_the_vocab_has_frequent_words_first_then_alphabetical() -> None:
    texts = ["The film , the end", "THE Film a zebra a", "b"]
    fields = Fields.build(map(example, texts), CLASSES, max_words=100, min_count=1)
    assert fields.words == ["<unk>", "<pad>", "the", "a", "film", ",", "b", "end", "zebra"]


def test_the_vocab_is_limited_by_size_and_count() -> None:
    texts = [example("a a a b b c c d")]
    assert Fields.build(texts, CLASSES, 2, 1).words[2:] == ["a", "b"]
    assert Fields.build(texts, CLASSES, 100, 2).words[2:] == ["a", "b", "c"]


def test_lower_casing_happens_on_the_way_to_the_vocab() -> None:
    good = example("GOOD Film")
    fields = Fields(WORDS, CLASSES)
    (batch,) = fields.batches(fields.rows([good]), 1)
    assert good.tokens == ("GOOD", "Film")
    assert batch.words.tolist() == [[2, 4]]
    assert to_word("Ünïcode") == "ünïcode"


def test_unknown_words_do_not_grow_the_vocab() -> None:
    fields = Fields(WORDS, CLASSES)
    odd = example("a good plot twist")
    for _ in range(2):
        (batch,) = fields.batches(fields.rows([odd]), 4)
        assert batch.words.tolist() == [[0, 2, 0, 0]]
        assert fields.unknown(odd).tolist() == [True, False, True, True]
    assert fields.words == WORDS
    assert len(fields.text.vocab.stoi) == len(WORDS)


def test_the_vocabs_own_signs_are_no_words() -> None:
    texts = [example("<pad> <unk> good <PAD>")]
    fields = Fields.build(texts, CLASSES, 100, 1)
    assert fields.words == ["<unk>", "<pad>", "good"]
    assert fields.unknown(texts[0]).tolist() == [True, True, False, True]
    assert fields.unknown(example("")).tolist() == []


@pytest.mark.parametrize("classes", [["pos", "neg"], ["pos", "pos"]])
def test_classes_are_distinct_and_sorted(classes: list[str]) -> None:
    with pytest.raises(ValueError, match=r"^classes are not distinct and sorted$"):
        Fields(WORDS, classes)


def test_labels_are_class_indices() -> None:
    classes = ["1 star", "pos\ufffd", "ß"]
    fields = Fields(WORDS, classes)
    rows = fields.rows([example("good " * (3 - i), label) for i, label in enumerate(classes)])
    (batch,) = fields.batches(rows, 3)
    assert (batch.labels.tolist(), fields.classes) == ([0, 1, 2], tuple(classes))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "abcdefg"),
        ({"first": 3}, "abc"),
        ({"first": 0}, ""),
        ({"ends": 4}, "abfg"),
        ({"ends": 5}, "abcfg"),
        ({"ends": 1}, "a"),
        ({"ends": 7}, "abcdefg"),
        ({"ends": 9}, "abcdefg"),
    ],
)
def test_which_tokens_are_read(options: dict[str, int], expected: str) -> None:
    fields = Fields([*WORDS[:2], *"abcdefg"], CLASSES)
    (row,) = fields.rows([Example("x", "", "pos", tokens=tuple("ABCDEFG"))], **options)
    assert "".join(row.text) == expected


@settings(max_examples=60, deadline=None)
@given(LENGTHS, st.integers(1, 7))
def test_batches_hold_every_row_once(lengths: list[int], batch_size: int) -> None:
    fields = own_words(len(lengths))
    batches = list(fields.batches(fields.rows(of_lengths(lengths)), batch_size))
    check(batches, lengths, batch_size)
    assert [n for b in batches for n in b.lengths.tolist()[::-1]] == sorted(lengths)
    assert len(batches) == -(-len(lengths) // batch_size)


@settings(max_examples=60, deadline=None)
@given(LENGTHS, st.integers(1, 7), st.integers(0, 9))
def test_shuffled_batches_hold_every_row_once(
    lengths: list[int], batch_size: int, seed: int
) -> None:
    fields = own_words(len(lengths))
    rows = fields.rows(of_lengths(lengths))
    batches = list(fields.shuffled_batches(rows, batch_size, seed))
    check(batches, lengths, batch_size)
    assert positions(batches) == positions(list(fields.shuffled_batches(rows, batch_size, seed)))


def test_the_seed_decides_the_order_of_shuffled_batches() -> None:
    fields = own_words(60)
    rows = fields.rows(of_lengths([i % 9 for i in range(60)]))
    orders = [positions(list(fields.shuffled_batches(rows, 4, seed))) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    longest = [max(len(rows[i].text) for i in batch) for batch in orders[0]]
    assert longest != sorted(longest)


def test_shuffled_batches_are_of_similar_length() -> None:
    fields = own_words(60)
    rows = fields.rows(of_lengths([i % 10 for i in range(60)]))
    for batch in fields.shuffled_batches(rows, 6, seed=3):
        assert len(set(batch.lengths.tolist())) == 1


def test_batches_are_compared_by_identity() -> None:
    fields = own_words(4)
    one, other = (next(fields.batches(fields.rows(of_lengths([2, 3])), 2)) for _ in range(2))
    assert one == one
    assert one != other
    assert len({one, other}) == 2


def test_very_long_rows_make_small_batches() -> None:
    lengths = [5, 2500, 1024, 2000, 0, 2500]
    fields = own_words(len(lengths))
    batches = list(fields.batches(fields.rows(of_lengths(lengths)), 4))
    check(batches, lengths, 4)
    assert [batch.lengths.tolist() for batch in batches] == [[1024, 5, 0], [2000], [2500], [2500]]
    assert all(batch.words.numel() <= 4 * 1024 for batch in batches)


def test_one_row_longer_than_a_batch_may_be() -> None:
    fields = own_words(3)
    batches = list(fields.batches(fields.rows(of_lengths([1500, 3, 2000])), 1))
    assert [batch.lengths.tolist() for batch in batches] == [[3], [1500], [2000]]
