"""What a training starts from: the vocab, the word vectors and the weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reportgen.classifier.model import PAD_INDEX
from reportgen.classifier.training import (
    TrainingData,
    build_model,
    prepare_fields,
    train,
    unknown_share,
)
from reportgen.corpus.tokenizers import get_tokenizer
from reportgen.corpus.vectors import WordVectors, load_vectors
from reportgen.errors import TrainingError

from .conftest import ENGLISH, SMALL, Prepare, build_seeded, example, separable


def test_prepare_fields_tokenizes_and_builds_the_vocab() -> None:
    examples = [example(0, "Good good film", "pos"), example(1, "a bad Film", "neg")]
    learn, fields = prepare_fields(examples, ENGLISH, replace(SMALL, min_count=2))
    assert learn[0].tokens == ("Good", "good", "film")
    assert fields.words == ["<unk>", "<pad>", "film", "good"]
    assert fields.classes == ("neg", "pos")


def test_the_vocab_keeps_the_most_frequent_words() -> None:
    examples = [example(0, "b b c c c a", "pos"), example(1, "d", "neg")]
    _, fields = prepare_fields(examples, ENGLISH, replace(SMALL, vocab_size=2))
    assert fields.words == ["<unk>", "<pad>", "c", "b"]


def test_texts_without_spaces_are_not_learnt_as_phrases() -> None:
    examples = [
        example(i, "料理はとても美味しかったです", "neg" if i % 2 else "pos") for i in range(4)
    ]
    with pytest.raises(TrainingError) as caught:
        prepare_fields(examples, ENGLISH, replace(SMALL, min_count=1))
    assert str(caught.value) == (
        "the tokenizer basic_english takes whole phrases for words, such as"
        " '料理はとても美味しかったです': the texts are of a script without spaces between words;"
        " choose --tokenizer character, or a word tokenizer of that language as --tokenizer"
        " module:function"
    )
    _, fields = prepare_fields(examples, get_tokenizer("character"), replace(SMALL, min_count=1))
    assert len(fields.words) == 2 + len(set("料理はとても美味しかったです"))


def test_the_share_of_tokens_that_the_vocab_lacks() -> None:
    examples = [example(0, "good good film", "pos"), example(1, "a bad film", "neg")]
    learn, fields = prepare_fields(examples, ENGLISH, replace(SMALL, min_count=2))
    assert unknown_share(learn, fields) == pytest.approx(2 / 6)


def test_one_class_only_cannot_be_learnt() -> None:
    with pytest.raises(TrainingError) as caught:
        prepare_fields([example(0, "fine", "pos")] * 3, ENGLISH, SMALL)
    assert str(caught.value) == (
        "all training examples have the label 'pos'; training needs two classes"
    )


@pytest.mark.parametrize("text", ["once", ""])
def test_a_vocab_without_words_is_an_error(text: str) -> None:
    examples = [example(0, text, "pos"), example(1, "", "neg")]
    with pytest.raises(TrainingError) as caught:
        prepare_fields(examples, ENGLISH, replace(SMALL, min_count=2))
    assert str(caught.value) == "no word occurs 2 times; lower --min-count"


def test_vectors_are_really_in_the_embedding(tmp_path: Path) -> None:
    rows = {"lovely": [0.25, -1.5, 3.0], "dull": [7.0, 0.125, -2.0], "elsewhere": [9.0, 9.0, 9.0]}
    lines = [" ".join([word, *map(str, row)]) for word, row in rows.items()]
    (tmp_path / "vectors.txt").write_text("\n".join(lines) + "\n")
    _, fields = prepare_fields(separable(), ENGLISH, SMALL)
    vectors = load_vectors(str(tmp_path / "vectors.txt"), fields)

    torch.manual_seed(1)
    weight = build_model(fields, SMALL, vectors).embedding.weight.detach()

    assert weight.shape == (len(fields.words), SMALL.embedding_dim)
    for word in ("lovely", "dull"):
        row = weight[fields.words.index(word)]
        assert row[:3].tolist() == rows[word]
        assert torch.all(row[3:] != 0), "the further columns are drawn by chance"
    absent = weight[fields.words.index("splendid")]
    assert torch.all(absent != 0), "a word without a vector is drawn by chance"
    assert torch.all(weight[PAD_INDEX] == 0)


def test_words_that_training_never_sees_have_their_vector_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "vectors.txt").write_text("marvellous 4 5 6\nlovely 1 2 3\n")
    learn, fields = prepare_fields(separable(), ENGLISH, SMALL)
    vectors = load_vectors(str(tmp_path / "vectors.txt"), fields, frequent=1)
    fields = fields.extended(vectors.added)
    trained = train(TrainingData(learn, learn[:4], fields, ENGLISH, vectors), SMALL)
    row = trained.model.embedding.weight[fields.words.index("marvellous")].tolist()
    assert row == [4, 5, 6, *[0] * (SMALL.embedding_dim - 3)]


def test_training_starts_from_the_vectors(prepared: Prepare) -> None:
    options = replace(SMALL, epochs=1, learning_rate=1e-9)
    data = prepared(options)
    size = len(data.fields.words)
    matrix = torch.arange(size * 8.0).reshape(-1, 8)
    vectors = WordVectors("v.txt", "0" * 64, matrix, torch.ones(size, dtype=torch.bool))
    trained = train(replace(data, vectors=vectors), options)
    torch.testing.assert_close(trained.model.embedding.weight[2:].detach(), matrix[2:])


def test_vectors_longer_than_the_embedding_are_an_error() -> None:
    _, fields = prepare_fields(separable(), ENGLISH, SMALL)
    size = len(fields.words)
    vectors = WordVectors("v", "", torch.zeros(size, 50), torch.ones(size, dtype=torch.bool))
    with pytest.raises(TrainingError) as caught:
        build_model(fields, SMALL, vectors)
    assert str(caught.value) == (
        "the vectors have 50 dimensions and the embedding 8; give --embedding-dim 50 or more"
    )


def test_the_model_has_the_shape_of_the_options(prepared: Prepare) -> None:
    fields = prepared().fields
    config = build_model(fields, replace(SMALL, num_layers=2, dropout=0.1), None).config
    assert (config.vocab_size, config.num_classes) == (len(fields.words), 2)
    assert (config.embedding_dim, config.hidden_size, config.num_layers) == (8, 6, 2)
    assert config.dropout == 0.1


def test_words_without_vectors_start_near_zero(prepared: Prepare) -> None:
    fields = prepared().fields
    weight = build_seeded(fields, replace(SMALL, embedding_dim=200)).embedding.weight.detach()
    assert weight[2:].std().item() == pytest.approx(0.1, rel=0.1)
