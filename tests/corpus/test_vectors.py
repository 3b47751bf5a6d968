from __future__ import annotations

import gzip
import io
import ssl
import zipfile
from pathlib import Path

import pytest
import torch
from torchtext.vocab import GloVe

from reportgen import pipeline
from reportgen.classifier.checkpoint import Checkpoint, load_checkpoint
from reportgen.classifier.inference import predict
from reportgen.corpus.fields import Fields
from reportgen.corpus.sources import hash_source
from reportgen.corpus.vectors import load_vectors
from reportgen.errors import DataError
from reportgen.options import DataOptions, TrainingOptions, TrainingSetup
from reportgen.progress import Silent
from reportgen.records import Example
from reportgen.workspace import Workspace
from tests.corpus.conftest import Server

FIELDS = Fields(["<unk>", "<pad>", "good", "bad", "naïve"], ["neg", "pos"])
LINES = "the 9 9 9\nbad 4 5 6\ngood 1 2 -3e-1\n"
ZEROS = [0.0, 0.0, 0.0]
MATRIX = torch.tensor([ZEROS, ZEROS, [1, 2, -0.3], [4, 5, 6], ZEROS])
PRESENT = [False, False, True, True, False]


def problem(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_vectors(str(path), FIELDS)
    return str(caught.value).replace(f"{path}", "FILE")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "v.txt"


def test_rows_follow_the_vocab(file: Path) -> None:
    file.write_text(LINES)
    loaded = load_vectors(str(file), FIELDS)
    assert torch.equal(loaded.matrix, MATRIX)
    assert loaded.present.tolist() == PRESENT
    assert (loaded.name, loaded.sha256) == ("v.txt", hash_source(file))


def test_vectors_are_compared_by_identity(file: Path) -> None:
    file.write_text(LINES)
    one, other = (load_vectors(str(file), FIELDS) for _ in range(2))
    assert one != other
    assert len({one, other}) == 2


def test_nothing_stays_behind(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(file.parent)
    file.write_text(LINES)
    context = ssl._create_default_https_context
    load_vectors("v.txt", FIELDS)
    assert ssl._create_default_https_context is context
    assert [path.name for path in file.parent.iterdir()] == ["v.txt"]
    assert FIELDS.text.vocab.vectors is None
    assert capfd.readouterr() == ("", "")


def test_tls_verification_is_on_again_after_a_failure(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(LINES)
    context = ssl._create_default_https_context

    def fail(*_: object, **__: object) -> None:
        assert ssl._create_default_https_context is not context
        raise RuntimeError("torchtext fails")

    monkeypatch.setattr("torchtext.vocab._infer_shape", fail)
    with pytest.raises(RuntimeError, match="torchtext fails"):
        load_vectors(str(file), FIELDS)
    assert ssl._create_default_https_context is context


def test_two_files_of_one_name_give_their_own_numbers(tmp_path: Path) -> None:
    matrices = []
    for name, numbers in (("a", "1 2 3"), ("b", "7 8 9")):
        path = tmp_path / name / "v.txt"
        path.parent.mkdir()
        path.write_text(f"good {numbers}\n")
        matrices.append(load_vectors(str(path), FIELDS).matrix[2].tolist())
    assert matrices == [[1, 2, 3], [7, 8, 9]]


@pytest.mark.parametrize("header", ["", "3 3\n"])
@pytest.mark.parametrize("gz", ["", ".gz"])
def test_formats(tmp_path: Path, header: str, gz: str) -> None:
    path = tmp_path / f"v.txt{gz}"
    content = (header + LINES).replace("\n", "\r\n").encode()
    path.write_bytes(gzip.compress(content) if gz else content)
    assert torch.equal(load_vectors(str(path), FIELDS).matrix, MATRIX)


def test_the_first_line_of_a_word_counts(file: Path) -> None:
    file.write_text("good 1 2 3\ngood 4 5 6\nna\u00efve 7 8 9\n", encoding="utf-8")
    loaded = load_vectors(str(file), FIELDS)
    assert loaded.matrix[2].tolist() == [1, 2, 3]
    assert loaded.matrix[4].tolist() == [7, 8, 9]


def test_words_that_are_not_needed_are_not_checked(file: Path) -> None:
    file.write_bytes(b"at home 1 2 3\ncaf\xe9 x y z\ngood 1 2 3\n")
    assert load_vectors(str(file), FIELDS).present.tolist() == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("good 1 2 3\nbad 1 2\n", "FILE:2: not a word and its numbers"),
        ("good 1 2 3\n\nbad 1 2 3\n", "FILE:2: not a word and its numbers"),
        ("good 1 2 3\n3 3\n", "FILE:2: not a word and its numbers"),
        ("good 1 2\n", "FILE:1: not a word and its numbers"),
        ("good 1 2 3\nthe 1 2 3\nbad 1 2 3 4\n", "FILE:3: 4 numbers, but 3 in the lines before"),
        (
            "good 1 two 3\n",
            "FILE:1: not a number (could not convert string to float: b'two')",
        ),
        ("the 1 2 3\ngood nan 2 3\n", "FILE:2: not a number (NaN or infinite)"),
        ("good 1 2 inf\n", "FILE:1: not a number (NaN or infinite)"),
        ("the 1 2 3\n", "FILE: the file has no vector for any word of the data"),
        ("", "FILE: the file has no vector for any word of the data"),
    ],
)
def test_a_file_with_faults(file: Path, content: str, message: str) -> None:
    file.write_text(content)
    assert problem(file) == message


def test_a_damaged_archive(tmp_path: Path) -> None:
    path = tmp_path / "v.txt.gz"
    whole = gzip.compress("".join(f"w{i} {i} {i * i} 1\n" for i in range(3000)).encode())
    middle = len(whole) // 2
    scrambled = bytes(b ^ 0xFF for b in whole[middle : middle + 50])
    for content in (whole[:middle], whole[:middle] + scrambled + whole[middle + 50 :], b"good 1 2"):
        path.write_bytes(content)
        assert problem(path).startswith("FILE: the gzip archive is damaged (")


def test_an_unknown_name(tmp_path: Path) -> None:
    for name in (str(tmp_path / "none.txt"), "fasttext.en.300d", "glove.7B.50d"):
        with pytest.raises(DataError) as caught:
            load_vectors(name, FIELDS)
        assert str(caught.value).startswith(
            f"{name}: no such file, and no known vectors of that name (glove."
        )
        assert "glove.6B.300d" in str(caught.value)


def test_known_vectors_are_downloaded_once(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("glove.6B.50d.txt", "good 0 0 0\n")
        files.writestr("glove.6B.300d.txt", LINES)
    server.files["/glove.6B.zip"] = archive.getvalue()
    monkeypatch.setitem(GloVe.url, "6B", f"{server.url}/glove.6B.zip")
    for _ in range(2):
        loaded = load_vectors("glove.6B.300d", FIELDS)
        assert torch.equal(loaded.matrix, MATRIX)
        assert loaded.name == "glove.6B.300d.txt"
    assert server.requests == ["/glove.6B.zip"]


def zipped(name: str, content: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr(name, content)
    return archive.getvalue()


@pytest.mark.parametrize("content", [b"no archive", zipped("glove.6B.50d.txt", "good 0 0 0\n")])
def test_a_damaged_download_of_vectors_is_not_kept(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes
) -> None:
    server.files["/glove.6B.zip"] = content
    monkeypatch.setitem(GloVe.url, "6B", f"{server.url}/glove.6B.zip")
    with pytest.raises(DataError) as caught:
        load_vectors("glove.6B.300d", FIELDS)
    archive = tmp_path / "cache" / "reportgen" / "glove.6B.zip"
    assert str(caught.value) == f"{archive}: the archive does not hold glove.6B.300d.txt"
    assert list(archive.parent.iterdir()) == []


def test_real_vectors(real_data: Path) -> None:
    path = real_data / "vectors" / "glove.6B.50d.imdb20k.txt.gz"
    loaded = load_vectors(str(path), FIELDS)
    assert loaded.matrix.shape == (5, 50)
    assert loaded.present[:4].tolist() == [False, False, True, True]
    same = torch.nn.functional.cosine_similarity(loaded.matrix[2], loaded.matrix[3], dim=0)
    assert 0.5 < float(same) < 0.99


# --- words that only the vectors know ---


def test_the_most_frequent_words_of_the_file_are_added_after_the_vocab(file: Path) -> None:
    file.write_text("the 9 9 9\nbad 4 5 6\nfilm 7 7 7\nrare 8 8 8\ngood 1 2 -3e-1\n")
    loaded = load_vectors(str(file), FIELDS, frequent=3)
    assert loaded.added == ("the", "film"), "'bad' counts, but is known; 'rare' is the fourth"
    assert torch.equal(loaded.matrix, torch.cat([MATRIX, torch.tensor([[9.0] * 3, [7.0] * 3])]))
    assert loaded.present.tolist() == [*PRESENT, True, True]
    fields = FIELDS.extended(loaded.added)
    assert fields.words == [*FIELDS.words, "the", "film"]
    assert fields.unknown(Example("a", "", "pos", ("The", "rare", "film"))).tolist() == [
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(("frequent", "added"), [(0, ()), (1, ("the",)), (9, ("the",))])
def test_a_file_may_have_fewer_words_than_asked_for(
    file: Path, frequent: int, added: tuple[str, ...]
) -> None:
    file.write_text(LINES)
    assert load_vectors(str(file), FIELDS, frequent).added == added


def test_words_that_no_token_can_match_are_passed_over(file: Path) -> None:
    lines = [b"The 1 2 3", b"caf\xe9 1 2 3", b" 1 2 3", b"<unk> 1 2 3", b"a 1 2 3", b"a 4 5 6",
             b"good 1 2 3", "straße 1 2 3".encode(), b"of 1 2 3"]  # fmt: skip
    file.write_bytes(b"\n".join(lines))
    loaded = load_vectors(str(file), FIELDS, frequent=4)
    assert loaded.added == ("a", "straße"), "the specials are in the vocab already"
    assert loaded.matrix[-2].tolist() == [1, 2, 3]


def test_a_file_without_a_word_of_the_data_is_refused_though_it_adds_words(file: Path) -> None:
    file.write_text("the 9 9 9\n")
    with pytest.raises(DataError) as caught:
        load_vectors(str(file), FIELDS, frequent=5)
    assert str(caught.value) == f"{file}: the file has no vector for any word of the data"


def test_an_added_word_s_numbers_are_checked(file: Path) -> None:
    file.write_text("the 9 9 nan\ngood 1 2 3\n")
    assert load_vectors(str(file), FIELDS).present.sum() == 1
    with pytest.raises(DataError, match="not a number"):
        load_vectors(str(file), FIELDS, frequent=1)


def test_a_training_records_what_its_vectors_added_and_knows_those_words(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "v.txt"
    data.mkdir()
    rows = [f"{text},{label}" for text, label in [("good film", "pos"), ("bad film", "neg")] * 3]
    for split in ("train", "valid"):
        (data / f"{split}.csv").write_text("\n".join(["text,label", *rows]))
    file.write_text("the 9 9 9\nbad 4 5 6\ngood 1 2 -3e-1\nthrilling 1 2 3\n")
    options = TrainingOptions(embedding_dim=4, hidden_size=2, epochs=1, min_count=1)

    def trained(frequent: int) -> Checkpoint:
        setup = TrainingSetup(vectors=str(file), vectors_vocab=frequent)
        space = Workspace(checkpoint=tmp_path / f"with-{frequent}")
        return load_checkpoint(
            pipeline.train(DataOptions(str(data)), options, setup, space, Silent())
        )

    extended, plain = trained(4), trained(0)
    assert extended.training["vectors"] == {
        "name": "v.txt", "sha256": hash_source(file), "found": 4, "added": 2
    }  # fmt: skip
    assert plain.training["vectors"]["added"] == 0
    for checkpoint, unknown in ((extended, [False, True]), (plain, [True, True])):
        (predicted,) = predict(checkpoint, [Example("a", "Thrilling stuff", "pos")])
        assert predicted.unknown.tolist() == unknown
