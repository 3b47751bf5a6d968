import numpy as np
import pytest

from reportgen.figures import inks
from reportgen.figures.inks import INKS, WordInks, line_ink

WORDS = ["good", "bad", "映画", "Ǻgjq", "incomprehensibilities"]


def alone(word, width=66):
    return WordInks(width).boxes([word])[0][0]


@pytest.mark.parametrize("width", [20, 66, 132])
def test_a_word_has_the_same_ink_alone_and_among_others(width):
    together, _ = WordInks(width).boxes(WORDS)
    for box, word in zip(together, WORDS, strict=True):
        np.testing.assert_array_equal(box, alone(word, width))
        assert 0 < box.max() < INKS


def test_the_ink_of_a_word_is_kept():
    kept = WordInks(66)
    first, _ = kept.boxes(["good", "bad"])
    again, _ = kept.boxes(["bad", "new", "good", "bad"])
    np.testing.assert_array_equal(again[[2, 0]], first)
    np.testing.assert_array_equal(again[3], first[1])
    assert not np.array_equal(again[1], first[0])


def test_more_words_than_are_kept_begin_anew(monkeypatch):
    monkeypatch.setattr(inks, "KEPT_BYTES", 4 * 30 * 25)  # of four words
    monkeypatch.setattr(inks, "DRAWN_WORDS", 3)
    kept = WordInks(66)
    for some in (["a", "b", "c"], ["d", "\U000f0000"], ["b", "e", "f", "g"]):
        boxes, missing = kept.boxes(some)
        assert missing == {c for c in some if c == "\U000f0000"}
        for box, word in zip(boxes, some, strict=True):
            np.testing.assert_array_equal(box, alone(word))


def test_missing_characters_are_named_each_time():
    kept = WordInks(66)
    kept.boxes(["\U000f0000", "good"])
    assert kept.boxes(["good"])[1] == set()
    assert kept.boxes(["good", "\U000f0000"])[1] == {"\U000f0000"}


def test_the_changing_of_what_was_given_changes_nothing_kept():
    kept = WordInks(66)
    kept.boxes(["good"])[0][:] = 0
    assert kept.boxes(["good"])[0].any()


def test_a_line_is_as_wide_as_its_ink():
    short, long = line_ink("none", 10.0), line_ink("none at all", 10.0)
    assert short.shape[0] == long.shape[0]
    assert 0 < short.shape[1] < long.shape[1]
    assert short[:, :-2].max(axis=0).any()
