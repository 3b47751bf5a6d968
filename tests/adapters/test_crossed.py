"""Models with an encoder and a decoder: what their weights are, and which cannot be used."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tokenizers import processors

from reportgen.adapters.hf.loading import Loaded, check
from reportgen.adapters.hf.transformer import Transformer
from reportgen.adapters.hf.weighing import parse_method
from reportgen.errors import CheckpointError, UsageError
from reportgen.records import Example
from tests.adapters.models import CLASSES, CROSSED, MODELS


@pytest.mark.parametrize("kind", CROSSED)
@pytest.mark.parametrize(("method", "layer"), [("attention", 3), ("attention:2", 2)])
def test_the_weights_are_named_as_cross_attention(kind, method, layer, transformer):
    weights = transformer(kind, method).weights
    assert weights.kind == "attention"
    assert weights.name == f"cross-attention of decoder layer {layer}"
    assert weights.steps[:2] == (
        "attention from the decoder's last token to the encoder's tokens",
        "mean over 4 heads",
    )


@pytest.mark.parametrize("kind", CROSSED)
def test_there_is_no_rollout_and_no_further_layer(kind, transformer):
    with pytest.raises(UsageError, match=r"rollout is not defined .* encoder and a decoder; use"):
        transformer(kind, "rollout")
    with pytest.raises(UsageError, match="the model has 3 layers"):
        transformer(kind, "attention:4")


@pytest.mark.parametrize("kind", CROSSED)
def test_a_text_with_the_ending_token_in_it_is_answered_as_alone(kind, transformer):
    """Transformers refuses such a text beside others."""
    model, tokenizer = MODELS[kind]()
    texts = ["A film", "a </s> b </s> c", "Dull, slow", "</s>"]
    examples = [Example(str(i), text, None) for i, text in enumerate(texts)]
    for text, found in zip(texts, transformer(kind).predict(examples), strict=True):
        with torch.no_grad():
            logits = model(**tokenizer(text, return_tensors="pt")).logits[0]
        np.testing.assert_allclose(found.logits, logits, atol=1e-4)
        np.testing.assert_allclose(found.attention.sum(), 1, atol=1e-5)


def test_a_tokenizer_that_ends_no_text_is_refused():
    model, tokenizer = MODELS["bart"]()
    tokenizer.backend_tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    with pytest.raises(CheckpointError, match=r"m: its tokenizer does not end a text .* 2\)"):
        check(model, tokenizer, "m")


@pytest.mark.parametrize("kind", CROSSED)
def test_gradients_leave_the_model_as_it_was(kind):
    """Encoder and decoder read the embeddings of captum's steps only while these are asked for."""
    loaded = Loaded(*MODELS[kind](), CLASSES, "m")
    model = Transformer(loaded, parse_method("gradients"))
    hooks = [len(module._forward_hooks) for module in loaded.model.modules()]
    example = [Example("a", "A film about nothing", None)]
    (first,), (again,) = model.predict(example), model.predict(example)
    np.testing.assert_array_equal(first.attention, again.attention)
    assert np.abs(first.attention).max() > 0
    assert [len(module._forward_hooks) for module in loaded.model.modules()] == hooks
