from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from reportgen import files
from reportgen.classifier import checkpoint as module
from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from reportgen.classifier.inference import predict
from reportgen.corpus.tokenizers import Tokenizer, get_tokenizer
from reportgen.errors import CheckpointError, TokenizeError
from reportgen.predicting import find_checkpoint
from reportgen.records import Example
from reportgen.workspace import Workspace

from .conftest import CHECKPOINT_FILES as FILES
from .conftest import Prepare, change_config, make_checkpoint, refusal, sha256

TEXTS = [
    Example(str(i), text, "good") for i, text in enumerate(["w1 W2 nowhere", "", "w9 w3 w4 w4"])
]


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


def test_checkpoints_and_what_goes_into_them_are_compared_by_identity(
    saved: Path, prepared: Prepare
) -> None:
    one, other = (load_checkpoint(saved) for _ in range(2))
    first, second = (prepared() for _ in range(2))
    words, lengths = torch.tensor([[2, 3], [4, 5]]), torch.tensor([2, 2])
    left, right = (one.model(words, lengths) for _ in range(2))
    for a, b in ((one, other), (first, second), (left, right)):
        assert a != b
        assert len({a, b}) == 2


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


def test_the_temperature_is_kept_and_is_one_where_a_config_has_none(
    saved: Path, checkpoint: Checkpoint
) -> None:
    save_checkpoint(replace(checkpoint, temperature=2.5), saved)
    assert load_checkpoint(saved).temperature == 2.5
    assert load_checkpoint(saved).info().settings["temperature"] == 2.5
    change_config(saved, lambda c: c.pop("temperature"))
    assert load_checkpoint(saved).temperature == 1


def test_words_outside_ascii_survive(tmp_path: Path) -> None:
    known = make_checkpoint()
    words = ["<unk>", "<pad>", "naïve", "日本", "😀", '"', "\u2028", *known.fields.words[7:]]
    fields = type(known.fields)(words, known.classes)
    save_checkpoint(Checkpoint(known.model, fields, known.tokenizer, {}), tmp_path / "c")
    assert load_checkpoint(tmp_path / "c").fields.words == words


def test_info_describes_the_model(saved: Path) -> None:
    loaded = load_checkpoint(saved)
    info = loaded.info()
    assert info.description == "2 layers, 4 hidden units per direction, 5-d embeddings, 32 words"
    assert info.tokenizer == "basic_english"
    assert info.checkpoint_sha256 == loaded.sha256
    assert info.parameters == sum(p.numel() for p in loaded.model.parameters())
    assert info.settings["hidden_size"] == 4
    assert info.training_log == ({"epoch": 1, "valid_accuracy": 0.5},)
    assert info.training == {"best": 1, "finished": True}


def test_info_of_one_layer_is_in_the_singular() -> None:
    assert make_checkpoint().info().description.startswith("1 layer, 4 hidden units per direction")


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
        monkeypatch.setattr(files, "_exchange", lambda *_: False)
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


def test_a_checkpoint_that_a_killed_save_moved_aside_is_found_again(saved: Path) -> None:
    """As on a system that cannot exchange two folders at once."""
    saved.rename(saved.with_name(".ckpt-old"))
    assert load_checkpoint(saved).classes
    saved.rename(saved.with_name(".ckpt-old"))
    assert find_checkpoint(Workspace(checkpoint=saved), "x", "data") == saved
    assert [path.name for path in saved.parent.iterdir()] == ["ckpt"]


# --- custom tokenizers ---


def test_code_named_in_a_checkpoint_never_runs_by_itself(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "get_tokenizer", lambda name: pytest.fail(f"{name} was loaded"))
    change_config(saved, lambda c: c.update(tokenizer="os:system"))
    expected = (
        f"{saved}: uses the custom tokenizer os:system:"
        " repeat its name to trust it: --tokenizer os:system"
    )
    assert refusal(saved) == expected
    assert refusal(saved, "basic_english") == expected
    assert refusal(saved, "os:popen") == expected


def test_a_custom_tokenizer_is_used_when_its_name_is_repeated(saved: Path) -> None:
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
    known = make_checkpoint()
    characters: Tokenizer = get_tokenizer("character")
    save_checkpoint(Checkpoint(known.model, known.fields, characters, {}), tmp_path / "c")
    loaded = load_checkpoint(tmp_path / "c")
    (prediction,) = predict(loaded, [Example("1", "ab c", "bad")])
    assert prediction.tokens == ("a", "b", "c")
