from __future__ import annotations

import gzip
import json
import math
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reportgen import pipeline
from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint
from reportgen.classifier.inference import predict
from reportgen.cli import cli
from reportgen.corpus.dataset import Dataset, tokenized
from reportgen.corpus.fields import to_word
from reportgen.corpus.sources import hash_source
from reportgen.records import Example

from .conftest import ROOT, SAMPLE

SIZES = {"train": 1164, "valid": 58, "test": 98}


@pytest.fixture(scope="module")
def splits() -> dict[str, tuple[Example, ...]]:
    dataset = Dataset.open(SAMPLE / "reviews")
    return {name: dataset.read(name).examples for name in dataset.sources}


@pytest.fixture(scope="module")
def everything(splits: dict[str, tuple[Example, ...]]) -> list[Example]:
    return [example for examples in splits.values() for example in examples]


@pytest.fixture(scope="module")
def checkpoint() -> Checkpoint:
    return load_checkpoint(SAMPLE / "checkpoint")


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return json.loads((SAMPLE / "checkpoint" / "config.json").read_text())


@pytest.fixture(scope="module")
def vectors() -> dict[str, list[str]]:
    rows = gzip.decompress((SAMPLE / "vectors.txt.gz").read_bytes()).decode().splitlines()
    split = [row.split(" ") for row in rows]
    made = {word: numbers for word, *numbers in split}
    assert len(made) == len(rows), "a word stands there twice"
    return made


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+(?:['’]\w+)*", text.lower())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


def shared_runs(examples: list[Example], length: int) -> Counter[tuple[str, str]]:
    """How many runs of so many words each two reviews have in common."""
    holders: dict[tuple[str, ...], list[str]] = {}
    for example in examples:
        for run in runs(example.text, length):
            holders.setdefault(run, []).append(example.id)
    pairs = (combinations(ids, 2) for ids in holders.values())
    return Counter(pair for some in pairs for pair in some)


# --- the reviews ---


def test_there_are_as_many_reviews_as_planned(
    splits: dict[str, tuple[Example, ...]],
) -> None:
    assert {name: len(examples) for name, examples in splits.items()} == SIZES


def test_both_labels_are_as_frequent_in_each_split(
    splits: dict[str, tuple[Example, ...]],
) -> None:
    for name, examples in splits.items():
        counts = Counter(example.label for example in examples)
        assert set(counts) == {"negative", "positive"}
        assert counts["positive"] / len(examples) == pytest.approx(0.5, abs=0.05), name


def test_reviews_have_5_to_300_words_and_about_33_on_average(everything: list[Example]) -> None:
    sizes = [len(words_of(example.text)) for example in everything]
    assert min(sizes) >= 5
    assert max(sizes) <= 300
    assert 30 <= sum(sizes) / len(sizes) <= 50


def test_ids_and_texts_are_unique_over_all_splits(everything: list[Example]) -> None:
    assert len({example.id for example in everything}) == len(everything)
    assert len({" ".join(words_of(example.text)) for example in everything}) == len(everything)


def test_the_check_for_shared_runs_finds_one() -> None:
    pair = [Example("a", "One, two three four five!", ""), Example("b", "one two THREE four", "")]
    assert shared_runs(pair, 4) == {("a", "b"): 1}
    assert shared_runs(pair, 5) == {}


def test_no_run_of_eight_words_stands_in_two_reviews(everything: list[Example]) -> None:
    assert shared_runs(everything, 8) == {}


def test_no_two_reviews_share_more_than_three_runs_of_four_words(
    everything: list[Example],
) -> None:
    assert {pair: n for pair, n in shared_runs(everything, 4).items() if n > 3} == {}


def test_the_reviews_are_of_many_topics_and_hold_what_readers_trip_over(
    splits: dict[str, tuple[Example, ...]], everything: list[Example]
) -> None:
    for name, examples in splits.items():
        assert len({example.extra["topic"] for example in examples}) >= 5, name
    texts = [example.text for example in everything]
    for what, pattern in {
        "negation": r"\b(not|never|no)\b|n['’]t\b",
        "numbers": r"\d",
        "quotes": r"[\"“”]",
        "mixed verdicts": r"\b(but|though|although|yet|still)\b",
    }.items():
        assert sum(bool(re.search(pattern, text.lower())) for text in texts) >= 25, what


# --- the word vectors ---


def test_every_vector_has_fifty_numbers_of_two_decimals(vectors: dict[str, list[str]]) -> None:
    for word, numbers in vectors.items():
        assert len(numbers) == 50, word
        assert all(re.fullmatch(r"-?\d+\.\d{2}", number) for number in numbers), word
        assert all(math.isfinite(float(number)) for number in numbers), word


def test_the_vectors_are_those_of_the_20_000_most_frequent_words(
    vectors: dict[str, list[str]],
) -> None:
    assert len(vectors) == 20_000
    assert list(vectors)[:5] == ["the", ",", ".", "of", "to"]
    assert (SAMPLE / "vectors.txt.gz").stat().st_size < 3_000_000


def test_the_vectors_are_the_rows_of_glove(real_data: Path, vectors: dict[str, list[str]]) -> None:
    source = real_data / "vectors" / "glove.6B.50d.imdb20k.txt.gz"
    found = 0
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            word, *numbers = line.split()
            if word in vectors:
                found += 1
                ours = [float(number) for number in vectors[word]]
                assert ours == pytest.approx([float(n) for n in numbers], abs=0.0051), word
    assert found >= 8_000


def test_the_readme_states_where_everything_comes_from() -> None:
    text = " ".join((SAMPLE / "README.md").read_text(encoding="utf-8").split())
    for fact in (
        "written for this project",
        "MIT",
        "frozen",
        "GloVe 6B",
        "50 numbers",
        "Pennington, Socher and Manning",
        "2014",
        "Public Domain Dedication and License 1.0",
        "two decimals",
        "`make sample-checkpoint`",
        "88.8 % (81.0 to 93.6)",
    ):
        assert fact in text, fact


def test_the_readme_s_counts_are_right(splits: dict[str, tuple[Example, ...]]) -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for name, examples in splits.items():
        assert f"| `{name}.csv` | {len(examples)} |" in text


# --- the checkpoint ---


def test_the_checkpoint_is_right_on_the_test_split_by_learning(
    splits: dict[str, tuple[Example, ...]], checkpoint: Checkpoint
) -> None:
    made = list(predict(checkpoint, splits["test"]))
    hits = [checkpoint.classes[int(p.probabilities.argmax())] == p.label for p in made]
    assert abs(sum(hits) - 87) <= 1, "what the data's README says, but for a tie by rounding"
    assert not all(hits), "the sample report shows its real mistakes"


def test_the_vocab_holds_the_words_of_the_train_split_and_frequent_ones_of_the_vectors(
    splits: dict[str, tuple[Example, ...]],
    checkpoint: Checkpoint,
    config: dict[str, Any],
    vectors: dict[str, list[str]],
) -> None:
    made = [tokenized(example, checkpoint.tokenizer) for example in splits["train"]]
    known = {to_word(token) for example in made for token in example.tokens}
    frequent = set(list(vectors)[:9_000])
    assert set(checkpoint.fields.words) - {"<unk>", "<pad>"} == known | frequent
    assert config["training"]["vectors"]["added"] == len(frequent - known)
    assert (SAMPLE / "checkpoint" / "model.safetensors").stat().st_size < 3_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Absolutely thrilling!", "positive"),
        ("Absolutely dreadful!", "negative"),
        ("A disaster.", "negative"),
        ("Brilliant!", "positive"),
    ],
)
def test_the_checkpoint_understands_a_short_exclamation(
    checkpoint: Checkpoint, text: str, expected: str
) -> None:
    (made,) = predict(checkpoint, [Example("a", text, expected)])
    assert not made.unknown.any()
    assert checkpoint.classes[int(made.probabilities.argmax())] == expected


def test_the_checkpoint_was_trained_on_the_data_as_they_are(config: dict[str, Any]) -> None:
    training = config["training"]
    reviews = SAMPLE / "reviews"
    assert training["data"]["sha256"] == hash_source(reviews / "train.csv")
    assert training["validation"]["sha256"] == hash_source(reviews / "valid.csv")
    assert training["vectors"]["sha256"] == hash_source(SAMPLE / "vectors.txt.gz")
    assert training["vectors"]["found"] > 2_000
    assert training["finished"] is True


def test_the_best_epoch_is_the_first_with_the_highest_accuracy(config: dict[str, Any]) -> None:
    accuracies = [row["valid_accuracy"] for row in config["training"]["log"]]
    assert config["training"]["best"] == accuracies.index(max(accuracies)) + 1


def recipe(target: str) -> Iterator[list[str]]:
    """The commands under a target of the Makefile, as words."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (lines,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", text, flags=re.MULTILINE)
    yield from (shlex.split(line.replace("$(BIN)", ".venv/bin")) for line in lines.splitlines())


def test_the_makefile_s_command_is_what_made_the_checkpoint(
    config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (command,) = [words for words in recipe("sample-checkpoint") if "train" in words]
    arguments = command[command.index("reportgen") + 1 :]
    asked: dict[str, Any] = {}

    def train(data: Any, options: Any, setup: Any, workspace: Any, progress: Any) -> Path:
        asked.update(data=data, options=options, setup=setup, workspace=workspace)
        return workspace.checkpoint

    monkeypatch.setattr(pipeline, "train", train)
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)

    assert result.exit_code == 0, result.output
    assert asdict(asked["options"]) == config["training"]["options"]
    assert asked["setup"].tokenizer == config["tokenizer"]
    assert (asked["data"].data, asked["data"].limit) == ("sample_data/reviews", None)
    assert asked["setup"].vectors == "sample_data/vectors.txt.gz"
    assert asked["setup"].vectors_vocab == 9_000
    assert asked["workspace"].checkpoint == Path("sample_data/checkpoint")
    assert "OMP_NUM_THREADS=1" in command[: command.index("-m")]
