"""A model whose answer hangs on one known word, so that the truth about its attention is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from reportgen.analysis.faithfulness import Pointing, Support, faithfulness, support
from reportgen.classifier.explain import explain
from reportgen.classifier.model import Output
from reportgen.corpus.fields import Fields
from reportgen.explaining import BLOCKS, CONTENT_DRAWS, LEFT_OUT
from reportgen.publish.words.captions import read_removal
from reportgen.publish.words.verdict import INDEPENDENT
from reportgen.publish.words.weights import ATTENTION
from reportgen.records import FRACTIONS, Prediction
from reportgen.removal import DRAWS, FIRST_DRAWS, TESTED

KEY = "key"
WORDS = ["<unk>", "<pad>", KEY, *(f"w{i}" for i in range(40))]


class HangsOnOneWord(nn.Module):
    """Says yes where the attended word is the key; attends to the key alone where it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(WORDS), 1)
        with torch.no_grad():
            self.embedding.weight.zero_()
            self.embedding.weight[WORDS.index(KEY)] = 1.0

    def forward(
        self, words: torch.Tensor, lengths: torch.Tensor, weights: torch.Tensor | None = None
    ) -> Output:
        values = self.embedding(words)[:, :, 0]
        mask = torch.arange(words.shape[1]) < lengths[:, None]
        if weights is None:
            weights = torch.softmax((20 * values).masked_fill(~mask, -1e9), dim=1)
        score = 12 * (weights * mask * values).sum(dim=1) - 6
        return Output(torch.stack((-score, score), dim=1) / 2, weights)


class IgnoresTheWeights(HangsOnOneWord):
    """Attends to the key most of all, but any weight on it gives the same answer."""

    def forward(
        self, words: torch.Tensor, lengths: torch.Tensor, weights: torch.Tensor | None = None
    ) -> Output:
        values = self.embedding(words)[:, :, 0]
        mask = torch.arange(words.shape[1]) < lengths[:, None]
        if weights is None:
            weights = torch.softmax((3 * values).masked_fill(~mask, -1e9), dim=1)
        found = torch.tanh(400 * (weights * mask * values).sum(dim=1))
        return Output(torch.stack((3 - 6 * found, 6 * found - 3), dim=1), weights)


@dataclass
class Stub:
    model: nn.Module
    fields: Any
    temperature: float = 1.0
    classes: tuple[str, ...] = ("no", "yes")


@pytest.fixture
def stub() -> Any:
    return Stub(HangsOnOneWord(), Fields(WORDS, ["no", "yes"]))


def prediction(
    stub: Any, tokens: tuple[str, ...], attention: np.ndarray | None = None
) -> Prediction:
    known = stub.fields.text.vocab.stoi
    words = torch.tensor([[known[t] for t in tokens]])
    output = stub.model(words, torch.tensor([len(tokens)]))
    p = torch.softmax(output.logits, dim=1)[0].detach().numpy()
    weights = output.attention[0].detach().numpy() if attention is None else attention
    return Prediction("x", " ".join(tokens), "yes", p, tokens, weights.astype(np.float32))


def with_explanation(stub: Any, row: Prediction, seed: int = 1) -> Prediction:
    ((id_, explanation),) = explain(stub, [row], seed=seed)
    assert id_ == row.id
    return replace(row, explanation=explanation)


TEXT = (*(f"w{i}" for i in range(30)), KEY, *(f"w{i}" for i in range(29, -1, -1)))


def test_attention_on_the_word_that_decides_is_supported(stub):
    row = with_explanation(stub, prediction(stub, TEXT))
    found = faithfulness([row], seed=1)
    drops = {way.name: way.drop for way in found.ways}
    assert drops["attention"] > 0.98  # of at most 0.995: yes becomes no
    assert drops["gradients"] > 0.98
    assert drops["random"] < 0.3
    assert found.ways[0].sufficiency < 0.01
    assert support(row) is Support.SUPPORTED
    assert len(row.explanation.random_removed) == DRAWS
    short = with_explanation(stub, prediction(stub, TEXT[23:38]))  # every token left out once
    assert faithfulness([short], seed=1).tau_left_out > 0
    assert found.uniform.changed.value == 1  # with even attention the answer is no


def test_the_right_word_marked_by_weights_that_decide_nothing():
    """The verdict's parts come apart: it points at the word, finds all of it, decides nothing."""
    model = Stub(IgnoresTheWeights(), Fields(WORDS, ["no", "yes"]))
    row = with_explanation(model, prediction(model, TEXT))
    found = faithfulness([row] * 80, seed=1)
    assert found.points is Pointing.YES
    assert found.share_of_gradients.value == pytest.approx(1)
    assert found.uniform.changed.value == found.permuted.changed.value == 0
    assert found.uniform.change.high < 1e-3
    assert found.depends is False
    assert read_removal(found, ATTENTION).startswith(INDEPENDENT[:28])
    few = faithfulness([row] * 50, seed=1)  # of these Wilson's interval ends at 7 %
    assert few.depends is None
    assert INDEPENDENT[:28] not in read_removal(few, ATTENTION)


def test_permuted_attention_is_not_supported_and_drawing_stops(stub):
    honest = prediction(stub, TEXT)
    shuffled = np.roll(honest.attention, 7)
    row = with_explanation(stub, prediction(stub, TEXT, shuffled))
    assert support(row) is Support.UNSUPPORTED
    assert len(row.explanation.random_removed) == FIRST_DRAWS
    drops = {way.name: way.drop for way in faithfulness([row], seed=1).ways}
    assert drops["attention"] < 0.05
    assert drops["gradients"] > 0.98  # which do not read the attention


def test_a_short_text_cannot_be_tested(stub):
    row = with_explanation(stub, prediction(stub, ("w1", KEY, "w2")))
    assert support(row) is Support.UNTESTABLE


def test_what_was_not_explained_has_no_support(stub):
    assert support(prediction(stub, TEXT)) is None
    assert faithfulness([prediction(stub, TEXT)], seed=1) is None


def test_shapes_and_where_a_token_was_not_read(stub):
    whole = prediction(stub, TEXT[:12])
    weights = np.append(whole.attention, [np.nan, np.nan])
    row = with_explanation(stub, prediction(stub, TEXT[:14], weights))
    e = row.explanation
    assert e.attention_removed.shape == e.gradients_kept.shape == (len(FRACTIONS),)
    assert len(e.random_removed) in (FIRST_DRAWS, FIRST_DRAWS + BLOCKS[0], DRAWS)
    assert e.content_removed.shape == (CONTENT_DRAWS, len(FRACTIONS))
    for values in (e.random_removed, e.content_removed):
        drawn = ~np.isnan(values)
        assert (drawn == [share in TESTED for share in FRACTIONS]).all()
    assert e.uniform.shape == (2,)
    assert np.isnan(e.gradients[12:]).all()
    assert not np.isnan(e.gradients[:12]).any()
    assert np.count_nonzero(~np.isnan(e.left_out)) == min(12, LEFT_OUT)
    assert row.probabilities.sum() == pytest.approx(1)


def test_the_same_seed_gives_the_same_numbers(stub):
    row = prediction(stub, TEXT)
    one, same, other = (with_explanation(stub, row, seed).explanation for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.random_removed, same.random_removed)
    np.testing.assert_array_equal(one.content_removed, same.content_removed)
    assert not np.array_equal(one.left_out, other.left_out, equal_nan=True)


def test_nothing_to_read_is_nothing_to_explain(stub):
    empty = Prediction("e", "", "no", np.array([0.5, 0.5], np.float32), (), np.zeros(0, np.float32))
    assert list(explain(stub, [empty], seed=1)) == []


def test_gradients_sum_to_the_change_of_the_answer(stub):
    """Completeness of integrated gradients (Sundararajan et al. 2017, section 3)."""
    row = with_explanation(stub, prediction(stub, TEXT))
    nothing = 1 / (1 + np.exp(6.0))
    assert row.explanation.gradients.sum() == pytest.approx(
        row.probabilities[1] - nothing, abs=0.02
    )
    assert row.explanation.gradients.argmax() == TEXT.index(KEY)
