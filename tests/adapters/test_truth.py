"""Predictions and weights of transformers against transformers and arithmetic called by hand."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from tests.adapters.conftest import EXAMPLES
from tests.adapters.models import CROSSED, MODELS, POSITIONS, TEXTS

KINDS = list(MODELS)
READ = [
    i for i, text in enumerate(TEXTS) if text
]  # decoders of no special token cannot be asked ""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@lru_cache
def pretrained(folder: Path, implementation: str = "eager") -> tuple[Any, Any]:
    """The tokenizer and the model of a folder, as anyone would get them."""
    return AutoTokenizer.from_pretrained(
        folder
    ), AutoModelForSequenceClassification.from_pretrained(
        folder, attn_implementation=implementation
    )


def by_hand(folder: Path, text: str, implementation: str = "eager") -> tuple[Any, Any]:
    """The encoding and the output of a text alone."""
    tokenizer, model = pretrained(folder, implementation)
    encoding = tokenizer(text, return_tensors="pt", truncation=True, max_length=POSITIONS)
    with torch.no_grad():
        output = model(**encoding, output_attentions=implementation == "eager")
    return encoding, output


def row(output: Any, kind: str, layer: int) -> np.ndarray:
    """What the token that the answer is read from attends to, over the mean of the heads."""
    if kind in CROSSED:
        return output.cross_attentions[layer][0].mean(dim=0)[-1].numpy()
    answer = -1 if kind in ("gpt2", "llama") else 0
    return output.attentions[layer][0].mean(dim=0)[answer].numpy()


def by_space(text: str, spans: Any, values: Any) -> np.ndarray:
    """Sum numbers by the words between white space; what is blank counts to the next word."""
    words = [match.start() for match in re.finditer(r"\S+", text)]
    sums = np.zeros(len(words))
    for (start, _), value in zip(spans, values, strict=True):
        ink = start + len(text[start:]) - len(text[start:].lstrip())
        sums[np.searchsorted(words, ink, side="right") - 1] += value
    return sums


def summed(folder: Path, text: str, values: np.ndarray) -> np.ndarray:
    """Sum the tokens' numbers by word, special tokens left out and the rest rescaled."""
    encoding = pretrained(folder)[0](
        text, return_offsets_mapping=True, return_special_tokens_mask=True
    )
    kept = ~np.array(encoding["special_tokens_mask"], dtype=bool)
    spans = [s for s, keep in zip(encoding["offset_mapping"], kept, strict=True) if keep]
    words = by_space(text, spans, values[kept])
    return words / words.sum()


@pytest.mark.parametrize("implementation", ["eager", "sdpa"])
def test_probabilities_are_those_of_each_text_alone(kind, implementation, folders, predicted):
    if (kind, implementation) == ("xlnet", "sdpa"):
        pytest.skip("XLNet has no such attention")
    predictions = predicted(kind)
    assert [p.id for p in predictions] == [e.id for e in EXAMPLES]
    for i in READ:
        _, output = by_hand(folders[kind], TEXTS[i], implementation)
        own = torch.softmax(output.logits[0].double(), dim=0).numpy()
        np.testing.assert_allclose(predictions[i].probabilities, own, atol=1e-5)
        np.testing.assert_allclose(predictions[i].logits, output.logits[0], atol=1e-4)
    spread = np.ptp([p.probabilities for p in predictions], axis=0)
    assert spread.max() > 1e-3  # a hundred times what is allowed above: a wrong order would show


@pytest.mark.parametrize(("method", "layer"), [("attention", -1), ("attention:1", 0)])
def test_attention_is_the_answer_s_row_summed_to_words(kind, method, layer, folders, predicted):
    predictions = predicted(kind, method)
    for i in READ[:5]:
        _, output = by_hand(folders[kind], TEXTS[i])
        own = by_space(TEXTS[i], predictions[i].spans, predictions[i].attention)
        expected = summed(folders[kind], TEXTS[i], row(output, kind, layer))
        np.testing.assert_allclose(own, expected, atol=1e-5)
        assert predictions[i].attention.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("method", "layer"), [("attention", -1), ("attention:1", 0)])
def test_each_head_is_kept_beside_the_mean(kind, method, layer, folders, predicted):
    rows = zip(predicted(kind, method, heads=True), predicted(kind, method), strict=True)
    for i, (own, mean) in enumerate(rows):
        np.testing.assert_array_equal(own.attention, mean.attention)
        assert mean.heads is None
        if i not in READ[:5]:
            continue
        _, output = by_hand(folders[kind], TEXTS[i])
        attentions = output.cross_attentions if kind in CROSSED else output.attentions
        answer = -1 if kind in (*CROSSED, "gpt2", "llama") else 0
        expected = attentions[layer][0][:, answer].numpy()
        assert own.heads.shape == (len(expected), len(own.tokens))
        for head, values in zip(own.heads, expected, strict=True):
            found = by_space(TEXTS[i], own.spans, head)
            np.testing.assert_allclose(found, summed(folders[kind], TEXTS[i], values), atol=1e-5)


def test_rollout_is_the_product_of_the_layers(kind, folders, predicted):
    if kind in CROSSED:
        pytest.skip("it is refused")
    predictions = predicted(kind, "rollout")
    for i in READ[:5]:
        _, output = by_hand(folders[kind], TEXTS[i])
        product = np.eye(output.attentions[0].shape[-1])
        for layer in output.attentions:
            mixed = layer[0].mean(dim=0).double().numpy() / 2 + np.eye(len(product)) / 2
            product = mixed @ product
        answer = product[-1 if kind in ("gpt2", "llama") else 0]
        own = by_space(TEXTS[i], predictions[i].spans, predictions[i].attention)
        np.testing.assert_allclose(own, summed(folders[kind], TEXTS[i], answer), atol=1e-5)


def test_gradients_sum_to_what_the_words_changed(kind, folders, predicted):
    """Completeness (Sundararajan et al. 2017, proposition 1), with captum's error of 32 steps."""
    tokenizer, model = pretrained(folders[kind])
    padding = next(
        i for i in (model.config.pad_token_id, tokenizer.pad_token_id, 0) if i is not None
    )
    parts = [model.get_encoder(), model.get_decoder()] if kind in CROSSED else [model]
    changes = []
    for i, prediction in enumerate(predicted(kind, "gradients")[:5]):
        encoding = tokenizer(TEXTS[i], return_tensors="pt", return_special_tokens_mask=True)
        special = encoding.pop("special_tokens_mask").bool()
        ids = torch.where(special, encoding["input_ids"], padding)
        hooks = []
        for part, own in zip(parts, (ids, ids.roll(1)), strict=False):
            embedding = part.get_input_embeddings()
            blank = embedding(own)
            if own is not ids:  # the decoder begins with a token of its own
                blank[:, 0] = embedding(torch.tensor([model.config.decoder_start_token_id]))
            blank = blank.transpose(0, 1) if kind == "xlnet" else blank  # which has tokens first
            hooks.append(embedding.register_forward_hook(lambda *_, blank=blank: blank))
        with torch.no_grad():
            empty = torch.softmax(model(**encoding).logits[0], dim=0)
        for hook in hooks:
            hook.remove()
        best = int(prediction.probabilities.argmax())
        difference = prediction.probabilities[best] - float(empty[best])
        near = 0.03 if kind == "t5" else 0.01  # of more steps the sum comes as near
        assert prediction.attention.sum() == pytest.approx(difference, abs=near)
        changes.append(abs(difference))
    assert max(changes) > 0.02


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("method", ["attention", "rollout", "gradients"])
def test_a_gpu_gives_the_same(kind, method, folders, predicted):
    from reportgen.adapters.hf.loading import load
    from reportgen.adapters.hf.transformer import Transformer
    from reportgen.adapters.hf.weighing import Method

    loaded = load(f"hf:{folders[kind]}", "cuda")
    rows = Transformer(loaded, Method(method), device="cuda").predict(EXAMPLES)
    for one, other in zip(rows, predicted(kind, method), strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-4)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-3)


def test_words_are_those_of_the_text(kind, predicted):
    for prediction in predicted(kind):
        for token, span in zip(prediction.tokens, prediction.spans, strict=True):
            assert token == prediction.text[slice(*span)]
            assert token.strip() == token
        joined = "".join(prediction.tokens)
        assert joined == "".join(prediction.text.split())  # no letter is lost
        assert "naïve" in prediction.tokens or "naïve" not in prediction.text


def test_a_text_without_tokens_is_predicted_without_weights(kind, transformer):
    (empty,) = transformer(kind).predict(EXAMPLES[-1:])
    assert empty.text == ""
    assert empty.tokens == ()
    assert empty.attention.shape == (0,)
    assert empty.probabilities.sum() == pytest.approx(1)


def test_batches_change_nothing(kind, predicted):
    for one, other in zip(
        predicted(kind, batch_size=1), predicted(kind, batch_size=5), strict=True
    ):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-5)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)
