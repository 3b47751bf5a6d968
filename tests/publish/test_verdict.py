"""The sentences on the attention: true of every result, and never a bare verdict."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reportgen.analysis.faithfulness import SELDOM, Change, Estimate, Faithfulness, Pointing, Way
from reportgen.publish.words import verdict
from reportgen.publish.words.attention import tests as paragraphs
from reportgen.publish.words.captions import read_removal
from reportgen.publish.words.cards import SUPPORT
from reportgen.publish.words.opening import _of_weights
from reportgen.publish.words.weights import ATTENTION, ATTRIBUTIONS, terms
from reportgen.records import Weights
from reportgen.removal import LEAST_EFFECT

NAN = float("nan")
LITTLE = Change(Estimate(0.02, 0.003, 0.04), Estimate(0.01, 0.005, 0.02), 50)
MUCH = Change(Estimate(0.3, 0.2, 0.4), Estimate(0.2, 0.1, 0.3), 50)
WAYS = tuple(
    Way(name, drop, NAN, (0.0, 0.0, drop, 0.0, 0.0))
    for name, drop in (("attention", 0.24), ("gradients", 0.8), ("random", 0.03), ("content", 0.05))
)
RESULT = Faithfulness(
    examples=50,
    untestable=2,
    explained=50,
    ways=WAYS,
    against_random=Estimate(0.21, 0.15, 0.27),
    against_content=Estimate(0.19, 0.12, 0.25),
    share_of_gradients=Estimate(0.3, 0.22, 0.38),
    uniform=LITTLE,
    permuted=LITTLE,
    tau_left_out=0.1,
    tau_gradients=NAN,
    supported=30,
    unsupported=20,
    undecided=0,
)

INDEPENDENT = verdict.INDEPENDENT.format(weights="the attention weights")


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_answers_that_ignore_the_weights_are_the_first_sentence() -> None:
    assert verdict.removal(RESULT, ATTENTION).startswith(INDEPENDENT)
    for change in ({"uniform": MUCH}, {"permuted": MUCH}, {"uniform": None}, {"explained": 11}):
        assert INDEPENDENT not in verdict.removal(replace(RESULT, **change), ATTENTION)


def test_weights_of_one_layer_are_not_all_the_attention() -> None:
    layer = terms(Weights(name="attention of layer 3"))
    assert verdict.removal(RESULT, layer).startswith(
        "The answers do not depend on these weights (attention of layer 3);"
    )
    assert "when these weights (attention of layer 3) are made uniform" in verdict.dependence(
        RESULT, layer
    )


def test_all_three_parts_are_key_figures_with_their_intervals() -> None:
    points, share, depends = _of_weights(RESULT, ATTENTION)
    assert points.value == "+0.21"
    assert "+0.15 to +0.27" in points.note
    assert "content words +0.19 (+0.12 to +0.25)" in points.note
    assert (plain(share.value), "22.0 to 38.0" in share.note) == ("30.0 %", True)
    assert plain(depends.value) == "2.0 % change"
    for part in ("uniform attention: 2.0 %", "shuffled attention: 2.0 %", "0.3 to 4.0 %"):
        assert part in plain(depends.note)
    assert depends.note.count("0.010 (0.005 to 0.020, bootstrap)") == 2


def test_what_was_not_measured_is_named() -> None:
    bare = replace(
        RESULT,
        ways=(WAYS[0], WAYS[2]),
        against_content=None,
        share_of_gradients=None,
        uniform=None,
        permuted=None,
        tau_left_out=NAN,
    )
    text = " ".join(paragraphs(bare, ATTENTION))
    assert "against random content words it was not tested" in text
    assert "the table has no gradients" in text
    assert "what the model answers under uniform and shuffled attention" in text
    assert "nan" not in text
    assert [fact.value for fact in _of_weights(bare, ATTENTION)][1:] == [
        "not measured",
        "not measured",
    ]


def test_texts_that_are_not_decided_are_not_counted_as_a_share() -> None:
    assert "in 30 of 50 removing the most-attended words" in " ".join(paragraphs(RESULT, ATTENTION))
    text = " ".join(paragraphs(replace(RESULT, supported=10, undecided=20), ATTENTION))
    assert "20 texts of 50 have fewer than the 99 random removals" in text
    assert "10 of 50" not in text


@pytest.mark.parametrize("change", ["uniform", "permuted"])
def test_the_larger_of_both_changes_is_the_key_figure(change: str) -> None:
    *_, depends = _of_weights(replace(RESULT, **{change: MUCH}), ATTENTION)
    assert plain(depends.value) == "30.0 % change"


def test_next_to_nothing_is_said_with_its_bounds() -> None:
    text = verdict.dependence(RESULT)
    assert f"at most {100 * SELDOM:g} %" in text
    assert f"less than {LEAST_EFFECT} of probability" in text
    for change in (MUCH, None):
        assert "next to nothing" not in verdict.dependence(replace(RESULT, uniform=change))


def test_few_texts_without_a_change_do_not_show_that_none_depends() -> None:
    none = Change(Estimate(0, 0, 0.0714), Estimate(0.01, 0.005, 0.02), 50)
    few = replace(RESULT, uniform=none)
    assert few.depends is None
    text = plain(verdict.dependence(few))
    assert "50 texts do not tell whether the answers depend on the attention weights" in text
    assert "up to 7.1 % of the predictions may change, and the probability by 0.020" in text
    assert INDEPENDENT not in verdict.removal(few, ATTENTION)
    assert "the same answers come" not in text


def test_the_cards_say_what_was_averaged_and_of_which_texts() -> None:
    points, share, _ = _of_weights(RESULT, ATTENTION)
    assert "50 of 52 texts: those of 10 tokens or more" in points.note
    assert "averaged over removing 1, 10 and 20 % of the words" in plain(points.note)
    assert "averaged over the same sizes" in share.note
    points, *_ = _of_weights(replace(RESULT, untestable=0), ATTENTION)
    assert "(bootstrap, 50 texts):" in points.note


def test_the_card_of_dependence_gives_the_verdict_of_the_details() -> None:
    none = Change(Estimate(0, 0, 0.0714), Estimate(0.01, 0.005, 0.02), 50)
    for changes, told in (
        ({}, "next to nothing; uniform"),
        ({"uniform": MUCH}, "they do, to this degree; uniform"),
        ({"uniform": none}, "50 texts do not tell; uniform"),
        ({"explained": 11}, "too few texts to tell; uniform"),
        ({"uniform": None}, "shuffled attention"),
    ):
        *_, depends = _of_weights(replace(RESULT, **changes), ATTENTION)
        assert depends.note.startswith(told)


def test_short_texts_alone_are_said_to_be_short() -> None:
    nothing = {"uniform": None, "permuted": None, "tau_left_out": NAN}
    short = replace(RESULT, examples=0, explained=0, ways=(), **nothing)
    assert list(paragraphs(short, ATTENTION)) == [verdict.untested(short, ATTENTION)]
    assert "each of the 2 explained texts has fewer than 10 tokens" in verdict.untested(
        short, ATTENTION
    )
    assert "the one explained text has" in verdict.untested(replace(short, untestable=1), ATTENTION)


def test_what_was_measured_beside_the_removal_is_said_without_it() -> None:
    alone = replace(RESULT, examples=0, untestable=0, ways=())
    first, *others = paragraphs(alone, ATTENTION)
    assert first.startswith("The attention was not tested by removing words")
    assert others[0] == verdict.dependence(alone)
    assert others[1].startswith("The rank correlation")
    assert len(others) == 2
    assert (
        list(paragraphs(replace(alone, uniform=None, permuted=None), ATTENTION))[1:] == others[1:]
    )


def test_one_text_is_said_in_the_singular() -> None:
    text = " ".join(paragraphs(replace(RESULT, untestable=1, undecided=1), ATTENTION))
    assert "1 text of 50 has fewer than the 99" in text
    assert "1 text of fewer than 10 tokens cannot be tested and counts nowhere" in text
    assert "2 texts of fewer than 10 tokens cannot be tested and count nowhere" in " ".join(
        paragraphs(RESULT, ATTENTION)
    )


@pytest.mark.parametrize("points", Pointing)
def test_each_verdict_has_a_sentence_of_its_own(points: Pointing) -> None:
    leads = [lead for key, lead in verdict.LEADS.items() if key is not points]
    assert verdict.LEADS[points] not in leads


def test_supported_never_stands_alone() -> None:
    texts = [*paragraphs(RESULT, ATTENTION), *SUPPORT[False].values()]
    texts += [f"{fact.name} {fact.value} {fact.note}" for fact in _of_weights(RESULT, ATTENTION)]
    assert not any(re.search(r"\bsupported\b", text) for text in texts)


def test_an_interval_without_width_is_not_printed() -> None:
    none = Change(Estimate(0.0, 0.0, 0.2), Estimate(0.0, 0.0, 0.0), 50)
    same = replace(
        RESULT,
        against_random=Estimate(0.25, 0.25, 0.25),
        against_content=Estimate(0.25, 0.25, 0.25),
        share_of_gradients=Estimate(1.0, 1.0, 1.0),
        uniform=none,
        permuted=none,
    )
    text = plain(
        " ".join(
            [
                verdict.pointing(same, ATTENTION),
                verdict.amount(same, ATTENTION),
                verdict.dependence(same),
            ]
        )
    )
    assert text.count("(the same in every text)") == 5
    assert not re.search(r"\b([\d.]+) to \1\b", text)


def test_single_texts_of_attributions() -> None:
    text = " ".join(paragraphs(RESULT, ATTRIBUTIONS))
    assert "in 30 of 50 removing the words with the largest attributions lowers" in text
    assert "random attributions pass in at most 5 %" in text
    assert INDEPENDENT not in text
    assert INDEPENDENT in " ".join(paragraphs(RESULT, ATTENTION))


def test_the_caption_of_the_chart_is_two_sentences_at_most() -> None:
    for words in (ATTENTION, ATTRIBUTIONS):
        for result in (RESULT, replace(RESULT, examples=3), replace(RESULT, uniform=MUCH)):
            said = read_removal(result, words)
            assert said.count(". ") <= 1
            assert f"over {result.examples} sampled examples." in said
            assert said not in " ".join(paragraphs(result, words))
