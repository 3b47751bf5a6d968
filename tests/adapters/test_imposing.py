"""Even and shuffled attention in place of what is shown, against arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from reportgen.adapters.hf.loading import Loaded
from reportgen.adapters.hf.transformer import Transformer
from reportgen.adapters.hf.weighing import Method
from reportgen.records import Example
from tests.adapters.conftest import EXAMPLES
from tests.adapters.models import CLASSES, MODELS, TEXTS, bert

KINDS = [kind for kind in MODELS if kind != "xlnet"]


def by_hand(model, tokenizer, text, way):
    """The logits of a BERT whose first token attends otherwise to the words in the last layer."""
    encoding = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        output = model(**encoding, output_attentions=True, output_hidden_states=True)
        before, last = output.hidden_states[-2], model.bert.encoder.layer[-1]
        weights = output.attentions[-1].clone()  # [1, H, P, P]; special tokens are at the ends
        weights[0, :, 0, 1:-1] = way(weights[0, :, 0, 1:-1])
        values = last.attention.self.value(before).view(1, -1, 4, 4).transpose(1, 2)
        mixed = (weights @ values).transpose(1, 2).reshape(before.shape)
        attended = last.attention.output(mixed, before)
        after = last.output(last.intermediate(attended), attended)
        return model.classifier(model.bert.pooler(after))[0].numpy()


def test_even_and_shuffled_rows_are_those_computed_by_hand():
    model, tokenizer = bert()
    made = Transformer(Loaded(model, tokenizer, CLASSES, "m"), Method())
    changed = 0.0
    for text in TEXTS[:5]:
        (encoded,) = made._reader.read([text])
        order = np.random.default_rng(1).permutation(int((~encoded.special).sum()))
        found = made._network.under(encoded, Method(), order)
        uniform = by_hand(model, tokenizer, text, lambda w: w.mean(-1, keepdim=True).expand_as(w))
        shuffled = by_hand(model, tokenizer, text, lambda w, order=order: w[:, order])
        np.testing.assert_allclose(found, [uniform, shuffled], atol=1e-3, rtol=1e-4)
        changed = max(changed, float(np.abs(found - made._network.logits([encoded])).max()))
    assert changed > 0.1
    assert model.config._attn_implementation == "eager"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["attention", "attention:1"])
def test_the_same_order_changes_nothing_and_another_one_does(kind, method, transformer):
    made = transformer(kind, method)
    way = made._method
    texts = made._reader.read(TEXTS[:4])
    changes = []
    for text, own in zip(texts, made._network.logits(texts), strict=True):
        order = np.arange(int((~text.special).sum()))
        uniform, same = made._network.under(text, way, order)
        np.testing.assert_allclose(same, own, atol=1e-3, rtol=1e-4)
        _, shuffled = made._network.under(text, way, order[::-1].copy())
        changes.append(min(np.abs(uniform - own).max(), np.abs(shuffled - own).max()))
    assert max(changes) > 1e-2


def test_a_layer_that_says_nothing_can_attend_to_anything():
    """A known truth: the last layer hands on no value, so its weights decide nothing."""
    model, tokenizer = bert()
    with torch.no_grad():
        for weight in model.bert.encoder.layer[-1].attention.self.value.parameters():
            weight.zero_()
    made = Transformer(Loaded(model, tokenizer, CLASSES, "m"), Method())
    rows = list(made.predict(EXAMPLES[:3]))
    for row, (_, found) in zip(
        sorted(rows, key=lambda r: r.id), sorted(made.explain(rows, 1)), strict=True
    ):
        np.testing.assert_allclose(found.uniform, row.probabilities, atol=1e-5)
        np.testing.assert_allclose(found.permuted, row.probabilities, atol=1e-5)


@pytest.mark.parametrize(("kind", "method"), [("xlnet", "attention"), ("bert", "rollout"),
    ("bert", "gradients")])  # fmt: skip
def test_what_cannot_be_imposed_is_not_measured(kind, method, transformer):
    made = transformer(kind, method)
    rows = made.predict([Example("a", TEXTS[0], None)])
    ((_, found),) = made.explain(rows, seed=1)
    assert found.uniform is None
    assert found.permuted is None
    assert found.attention_removed is not None
