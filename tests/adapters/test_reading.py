"""Long texts are cut as the tokenizer says, and the words that were not read stay in the table."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from reportgen.adapters.hf.loading import Loaded
from reportgen.adapters.hf.reading import reader
from reportgen.adapters.hf.transformer import Transformer
from reportgen.adapters.hf.weighing import Method
from reportgen.errors import UsageError
from reportgen.records import Example
from tests.adapters.conftest import EXAMPLES
from tests.adapters.models import CLASSES, MODELS, POSITIONS, bert, gpt2, roberta

LONG = "the film was long and the staff was good and bad and far too slow for a day " * 6
LONG = LONG.strip()


def opened(model, tokenizer, method="attention", **options):
    return Transformer(Loaded(model, tokenizer, CLASSES, "m"), Method(method), **options)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("side", ["right", "left"])
def test_a_long_text_is_cut_and_its_other_words_have_no_weight(kind, side):
    model, tokenizer = MODELS[kind]()
    tokenizer.truncation_side = side
    (row,) = opened(model, tokenizer).predict([Example("x", LONG, "mixed")])
    read = ~np.isnan(row.attention)
    assert 0 < read.sum() < len(row.tokens) == len(LONG.split())
    assert row.attention[read].sum() == pytest.approx(1, abs=1e-5)
    changes = np.flatnonzero(np.diff(read.astype(int)))
    assert len(changes) == 1  # one run of words
    assert read[0 if side == "right" else -1]
    encoding = tokenizer(LONG, truncation=True, max_length=POSITIONS, return_tensors="pt")
    assert encoding["input_ids"].shape[1] == POSITIONS
    with torch.no_grad():
        own = torch.softmax(model(**encoding).logits[0].double(), dim=0)
    np.testing.assert_allclose(row.probabilities, own, atol=1e-5)


def test_max_tokens_lowers_the_limit_and_counts_special_tokens():
    model, tokenizer = bert()
    (row,) = opened(model, tokenizer, max_tokens=7).predict([Example("x", LONG, "mixed")])
    pieces = tokenizer(LONG, truncation=True, max_length=7).encodings[0]
    last = pieces.offsets[5][1]  # of [CLS], five pieces, [SEP]
    assert (~np.isnan(row.attention)).tolist() == [span[0] < last for span in row.spans]
    assert reader(tokenizer, model, 10_000).limit == POSITIONS
    with pytest.raises(UsageError, match=r"--max-tokens 2: .* use at least 3"):
        reader(tokenizer, model, 2)


def test_the_limit_of_a_tokenizer_without_one_is_that_of_the_positions():
    model, tokenizer = roberta()
    assert tokenizer.model_max_length > 1e20
    assert model.config.max_position_embeddings == POSITIONS + 2  # the first stands behind padding
    assert reader(tokenizer, model, None).limit == POSITIONS
    tokenizer.model_max_length = 20
    assert reader(tokenizer, model, None).limit == 20


def test_a_model_without_any_limit_reads_all():
    model = SimpleNamespace(config=SimpleNamespace(), named_modules={}.items)
    assert reader(gpt2()[1], model, None).limit is None
    assert reader(gpt2()[1], model, 9).limit == 9


def test_words_the_vocab_lacks_are_marked():
    model, tokenizer = bert()
    (row,) = opened(model, tokenizer).predict([Example("x", "the 日本 film", "mixed")])
    assert [t for t, unknown in zip(row.tokens, row.unknown, strict=True) if unknown] == [
        "日",
        "本",
    ]


def test_a_special_token_written_in_a_text_is_a_word_of_it():
    model, tokenizer = bert()
    (row,) = opened(model, tokenizer).predict([Example("x", "the [SEP] film", "mixed")])
    assert row.tokens == ("the", "[SEP]", "film")
    assert not np.isnan(row.attention).any()


def test_padding_that_would_be_read_is_never_added():
    """A model that reads padding as words gets each text alone."""
    model, tokenizer = bert()
    forward = model.forward
    model.forward = lambda input_ids=None, attention_mask=None, **more: forward(
        input_ids=input_ids, **{k: v for k, v in more.items() if k != "token_type_ids"}
    )
    many = opened(model, tokenizer, batch_size=5)
    assert not many._network.shape.padded
    alone = opened(model, tokenizer, batch_size=1)
    for one, other in zip(many.predict(EXAMPLES), alone.predict(EXAMPLES), strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)


def test_order_and_columns_of_the_examples_stay():
    examples = [replace(e, extra={"n": e.id}) for e in EXAMPLES * 2]
    rows = list(opened(*bert(), batch_size=2).predict(iter(examples)))
    assert [row.extra["n"] for row in rows] == [e.id for e in examples]
    assert [row.label for row in rows] == [e.label for e in examples]
