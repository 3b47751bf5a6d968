from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from reportgen.classifier import checkpoint as module
from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from reportgen.classifier.inference import predict
from reportgen.corpus.tokenizers import Tokenizer, get_tokenizer
from reportgen.errors import CheckpointError, TokenizeError
from reportgen.records import Example

from .conftest import make_checkpoint

FILES = ["config.json", "model.safetensors", "vocab.json"]
TEXTS = [
    Example(str(i), text, "good") for i, text in enumerate(["w1 W2 nowhere", "", "w9 w3 w4 w4"])
]


@pytest.fixture
def saved(tmp_path: Path, checkpoint: Checkpoint) -> Path:
    save_checkpoint(checkpoint, tmp_path / "ckpt")
    return tmp_path / "ckpt"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def change_config(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


def replace_weights(folder: Path, content: bytes) -> None:
    """Replace the weights and their hash, so that the hash does not tell of it."""
    (folder / "model.safetensors").write_bytes(content)
    change_config(folder, lambda c: c["sha256"].update({"model.safetensors": sha256(content)}))


def refusal(folder: Path, tokenizer: str | None = None) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(folder, tokenizer)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- the way there and back ---


def test_a_loaded_checkpoint_predicts_the_same(saved: Path, checkpoint: Checkpoint) -> None:
    loaded = load_checkpoint(saved)
    for ours, theirs in zip(predict(checkpoint, TEXTS), predict(loaded, TEXTS), strict=True):
        assert np.array_equal(ours.logits, theirs.logits)
        assert np.array_equal(ours.attention, theirs.attention)
        assert np.array_equal(ours.unknown, theirs.unknown)


def test_a_loaded_checkpoint_holds_all_that_was_saved(saved: Path, checkpoint: Checkpoint) -> None:
    loaded = load_checkpoint(saved)
    assert loaded.classes == ("bad", "good", "so-so")
    assert loaded.fields.words == checkpoint.fields.words
    assert loaded.tokenizer.name == "basic_english"
    assert loaded.training == checkpoint.training
    assert loaded.model.config == checkpoint.model.config
    assert not loaded.model.training
    for name, weight in checkpoint.model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], weight), name


def test_a_checkpoint_is_three_files_and_none_is_a_pickle(saved: Path) -> None:
    assert sorted(path.name for path in saved.iterdir()) == FILES
    header = int.from_bytes((saved / "model.safetensors").read_bytes()[:8], "little")
    json.loads((saved / "model.safetensors").read_bytes()[8 : 8 + header])
    json.loads((saved / "config.json").read_text(encoding="utf-8"))
    json.loads((saved / "vocab.json").read_text(encoding="utf-8"))
    assert "pickle" not in Path(module.__file__).read_text().replace("no pickle", "")


def test_the_config_s_own_hash_stands_for_the_whole(saved: Path) -> None:
    config = json.loads((saved / "config.json").read_text())
    for name in ("model.safetensors", "vocab.json"):
        assert config["sha256"][name] == sha256((saved / name).read_bytes())
    assert load_checkpoint(saved).sha256 == sha256((saved / "config.json").read_bytes())


def test_saving_the_same_twice_gives_the_same_bytes(saved: Path, checkpoint: Checkpoint) -> None:
    again = saved.with_name("again")
    save_checkpoint(checkpoint, again)
    for name in FILES:
        assert (again / name).read_bytes() == (saved / name).read_bytes()


def test_words_outside_ascii_survive(tmp_path: Path) -> None:
    made = make_checkpoint()
    words = ["<unk>", "<pad>", "naïve", "日本", "😀", '"', "\u2028", *made.fields.words[7:]]
    fields = type(made.fields)(words, made.classes)
    save_checkpoint(Checkpoint(made.model, fields, made.tokenizer, {}), tmp_path / "c")
    assert load_checkpoint(tmp_path / "c").fields.words == words


def test_info_describes_the_model(saved: Path) -> None:
    loaded = load_checkpoint(saved)
    info = loaded.info()
    assert info.description == "2 layers, 4 units each way, 5-d embeddings, 32 words"
    assert info.tokenizer == "basic_english"
    assert info.checkpoint_sha256 == loaded.sha256
    assert info.parameters == sum(p.numel() for p in loaded.model.parameters())
    assert info.settings["hidden_size"] == 4
    assert info.training_log == ({"epoch": 1, "valid_accuracy": 0.5},)
    assert info.training == {"best": 1, "finished": True}


def test_info_of_one_layer_is_in_the_singular() -> None:
    assert make_checkpoint().info().description.startswith("1 layer, 4 units each way")


# --- writing ---


def test_saving_again_replaces_the_whole_folder(saved: Path) -> None:
    (saved / "left-over.txt").write_text("from the earlier one")
    other = make_checkpoint(seed=5)
    save_checkpoint(other, saved)
    assert sorted(path.name for path in saved.iterdir()) == FILES
    weight = load_checkpoint(saved).model.linear.weight
    assert torch.equal(weight, other.model.linear.weight)
    assert [path.name for path in saved.parent.iterdir()] == ["ckpt"], "nothing temporary stays"


def test_a_missing_parent_folder_is_made(tmp_path: Path, checkpoint: Checkpoint) -> None:
    save_checkpoint(checkpoint, tmp_path / "reports" / "name" / "checkpoint")
    assert load_checkpoint(tmp_path / "reports" / "name" / "checkpoint").classes


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, checkpoint: Checkpoint) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError) as caught:
        save_checkpoint(checkpoint, tmp_path / "file" / "ckpt")
    assert str(caught.value).startswith(f"{tmp_path / 'file' / 'ckpt'}: cannot be written (")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("when", ["while writing", "while moving"])
def test_the_earlier_checkpoint_survives_an_interrupted_save(
    saved: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, when: str
) -> None:
    before = {name: (saved / name).read_bytes() for name in FILES}

    def fail(*_: Any) -> None:
        raise error

    if when == "while writing":
        monkeypatch.setattr(module.os, "fsync", fail)
    else:
        rename = Path.rename

        def rename_but_not_to_the_place(self: Path, target: Path) -> Path:
            if target == saved and not self.name.endswith("-old"):
                raise error
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", rename_but_not_to_the_place)
    expected = KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else CheckpointError
    with pytest.raises(expected) as caught:
        save_checkpoint(make_checkpoint(seed=5), saved)

    if expected is CheckpointError:
        assert str(caught.value) == f"{saved}: cannot be written (No space left on device)"
    assert {name: (saved / name).read_bytes() for name in FILES} == before
    assert [path.name for path in saved.parent.iterdir()] == ["ckpt"]


# --- damage ---


def test_a_missing_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == f"{tmp_path / 'none'}: there is no checkpoint"


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    where = tmp_path / "file" / "config.json"
    assert refusal(tmp_path / "file") == f"{where}: cannot be read (Not a directory)"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(saved: Path, name: str) -> None:
    (saved / name).unlink()
    assert refusal(saved) == f"{saved}: {name} is missing"


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.json"])
@pytest.mark.parametrize(
    "damage",
    [lambda b: b[:-10], lambda b: b"", lambda b: b + b"\n", lambda b: b[:40] + b"!" + b[41:]],
    ids=["truncated", "empty", "longer", "one byte changed"],
)
def test_a_damaged_file(saved: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(damage(content))
    assert refusal(saved) == (
        f"{saved / name}: damaged, or of another checkpoint (not the hash in config.json)"
    )


def test_a_vocab_in_another_order_is_not_taken(saved: Path) -> None:
    words = json.loads((saved / "vocab.json").read_text())
    words[2], words[3] = words[3], words[2]
    (saved / "vocab.json").write_text(json.dumps(words))
    assert refusal(saved).startswith(f"{saved / 'vocab.json'}: damaged, or of another checkpoint")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{not json", "Expecting property name enclosed in double quotes: line 1 column 2"),
        (b"", "Expecting value: line 1 column 1 (char 0)"),
        (b'{"a": "\xe9"}', "'utf-8' codec can't decode byte 0xe9"),
        (b"[]", "list indices must be integers or slices, not str"),
        (b"{}", "'format'"),
        (b"null", "'NoneType' object is not subscriptable"),
        (b"[" * 100_000, ""),
    ],
)
def test_a_config_that_is_none(saved: Path, content: bytes, reason: str) -> None:
    (saved / "config.json").write_bytes(content)
    message = refusal(saved)
    assert message.startswith(f"{saved / 'config.json'}: not a checkpoint's config (")
    assert reason in message


@pytest.mark.parametrize("number", [2, "1", None])
def test_a_config_of_another_format(saved: Path, number: object) -> None:
    change_config(saved, lambda c: c.update(format=number))
    assert refusal(saved) == (
        f"{saved / 'config.json'}: format {number!r}, and this version reads 1"
    )


@pytest.mark.parametrize("key", ["classes", "tokenizer", "model", "training", "sha256"])
def test_a_config_without_one_of_its_parts(saved: Path, key: str) -> None:
    change_config(saved, lambda c: c.pop(key))
    assert refusal(saved) == f"{saved / 'config.json'}: not a checkpoint's config ('{key}')"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c["model"].update(heads=2), "unexpected keyword argument 'heads'"),
        (lambda c: c["model"].update(hidden_size="4"), "hidden_size should be of type int"),
        (lambda c: c["model"].update(hidden_size=-4), "hidden_size must be greater than zero"),
        (lambda c: c["model"].update(dropout=7), "dropout should be a number in range [0, 1]"),
        (lambda c: c["model"].pop("vocab_size"), "'vocab_size'"),
        (lambda c: c.update(model=[1]), "must be a mapping"),
        (lambda c: c.update(training=3), "'int' object is not iterable"),
        (lambda c: c.update(tokenizer=None), "tokenizer None is not a name"),
        (lambda c: c.update(tokenizer=["os:system"]), "tokenizer ['os:system'] is not a name"),
        (lambda c: c["classes"].reverse(), "classes are not distinct and sorted"),
        (lambda c: c.update(sha256=[]), "list indices must be integers"),
    ],
)
def test_a_config_with_a_wrong_value(
    saved: Path, change: Callable[[dict[str, Any]], Any], reason: str
) -> None:
    change_config(saved, change)
    message = refusal(saved)
    assert message.startswith(f"{saved / 'config.json'}: not a checkpoint's config (")
    assert reason in message


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["model"].update(vocab_size=33),
        lambda c: c["model"].update(num_classes=2),
        lambda c: c["classes"].append("worse"),
    ],
)
def test_a_vocab_or_classes_of_another_size(
    saved: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    change_config(saved, change)
    assert refusal(saved) == f"{saved}: vocab or classes do not fit the model"


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"hidden_size": 8}, "size mismatch for gru.weight_ih_l0"),
        ({"embedding_dim": 9}, "size mismatch for embedding.weight"),
        ({"num_layers": 3}, 'Missing key(s) in state_dict: "gru.weight_ih_l2"'),
        ({"num_layers": 1}, "Unexpected key(s) in state_dict: "),
    ],
)
def test_weights_of_another_shape(saved: Path, setting: dict[str, int], reason: str) -> None:
    change_config(saved, lambda c: c["model"].update(setting))
    message = refusal(saved)
    assert message.startswith(f"{saved / 'model.safetensors'}: the weights do not fit ({reason}")


def test_weights_that_are_no_safetensors(saved: Path) -> None:
    replace_weights(saved, b"\x80\x04K\x01.")  # a pickle of the number 1
    assert re.fullmatch(
        re.escape(f"{saved / 'model.safetensors'}: the weights do not fit (") + r".+\)",
        refusal(saved),
    )


def test_weights_without_the_linear_layer(saved: Path, checkpoint: Checkpoint) -> None:
    state = {k: v for k, v in checkpoint.model.state_dict().items() if "linear" not in k}
    replace_weights(saved, safetensors.torch.save(state))
    assert 'Missing key(s) in state_dict: "linear.weight", "linear.bias"' in refusal(saved)


# --- a tokenizer that is code from outside ---


def test_code_named_in_a_checkpoint_never_runs_by_itself(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "get_tokenizer", lambda name: pytest.fail(f"{name} was loaded"))
    change_config(saved, lambda c: c.update(tokenizer="os:system"))
    expected = (
        f"{saved}: its tokenizer os:system is code from outside;"
        " allow it with --tokenizer os:system"
    )
    assert refusal(saved) == expected
    assert refusal(saved, "basic_english") == expected
    assert refusal(saved, "os:popen") == expected


def test_code_from_outside_is_used_when_its_name_is_repeated(saved: Path) -> None:
    change_config(saved, lambda c: c.update(tokenizer="shlex:split"))
    loaded = load_checkpoint(saved, "shlex:split")
    assert loaded.tokenizer.name == "shlex:split"
    assert loaded.tokenizer.spans("w1 w2") == [(0, 2), (3, 5)]


def test_another_tokenizer_than_the_trained_one_is_refused(saved: Path) -> None:
    assert load_checkpoint(saved, "basic_english").tokenizer == get_tokenizer("basic_english")
    assert refusal(saved, "character") == (
        f"{saved}: trained with tokenizer basic_english, not character"
    )


def test_an_unknown_tokenizer_is_named(saved: Path) -> None:
    change_config(saved, lambda c: c.update(tokenizer="words"))
    with pytest.raises(TokenizeError, match=r"^unknown tokenizer 'words'; choose basic_english"):
        load_checkpoint(saved)


def test_a_character_checkpoint_reads_characters(tmp_path: Path) -> None:
    made = make_checkpoint()
    characters: Tokenizer = get_tokenizer("character")
    save_checkpoint(Checkpoint(made.model, made.fields, characters, {}), tmp_path / "c")
    loaded = load_checkpoint(tmp_path / "c")
    (prediction,) = predict(loaded, [Example("1", "ab c", "bad")])
    assert prediction.tokens == ("a", "b", "c")
