"""Files and names that no command may hang on, fail on with a traceback, or print as they are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.classifier.conftest import change_config
from tests.cli.conftest import write_data
from tests.conftest import SAMPLE

BAD = os.fsdecode(b"b\xff")  # a name that is not UTF-8
FEW = ("--limit", "2", "--explain", "0", "--quiet")
DATA = SAMPLE / "reviews" / "test.csv"


def one_line(done, code: int = 1) -> str:
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    return done.err.removeprefix("error: ").removesuffix("\n")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- names that are not UTF-8 ---


def test_a_folder_and_a_split_whose_names_are_not_utf8(invoke, here: Path) -> None:
    (here / BAD).mkdir()
    shutil.copy(DATA, here / BAD / f"{BAD}.csv")
    model = ("--checkpoint", str(SAMPLE / "checkpoint"))
    words = ("--data", BAD, "--split", BAD, *model, *FEW)
    assert invoke("predict", *words, "--out", f"{BAD}.parquet").out == "b\\udcff.parquet\n"
    done = invoke("render", "--predictions", f"{BAD}.parquet", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "b\ufffd, split b\ufffd" in (here / "reports/b/latest/index.html").read_text()
    done = invoke(*words)
    assert (done.code, done.err) == (0, "")
    inputs = json.loads((here / "reports/b/latest/inputs.json").read_text())
    assert (inputs["data"]["name"], inputs["data"]["split"]) == ("b\ufffd", "b\ufffd")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--split", BAD), 1, "no split 'b\\udcff' (there are: test, train, valid)"),
        (("--slice", BAD), 2, "--slice b\\udcff: the data have no such column"),
        (("--data", BAD), 1, "b\\udcff: the data folder does not exist"),
        (("--checkpoint", BAD), 1, "b\\udcff: the checkpoint folder does not exist"),
        (("--text-column", BAD), 1, "no column 'b\\udcff' (available: id, text, label, topic)"),
        (("--out", BAD), 2, "reports need a folder whose name is UTF-8; choose another --out"),
        (("--experiment", BAD), 2, "--experiment 'b\\udcff': use letters"),
        (("render", "--predictions", BAD), 1, "b\\udcff: no such predictions file"),
        (("verify", BAD), 1, "b\\udcff: not a run folder"),
    ],
)
def test_other_names_that_are_not_utf8(invoke, here: Path, words, code, message) -> None:
    assert message in one_line(invoke(*words), code)


def test_a_column_name_is_shown_escaped(invoke, here: Path) -> None:
    (here / "d").mkdir()
    (here / "d" / "test.csv").write_text("id,text\x1b[2K\u202e\n1,a\n")
    message = one_line(invoke("--data", "d", "--checkpoint", str(SAMPLE / "checkpoint")))
    assert message.startswith("d/test.csv:1: no column 'text' (available: id, text\\x1b[2K\\u202e)")


# --- pipes and devices ---


def test_a_pipe_is_refused_at_once_wherever_a_file_is_read(invoke, here: Path) -> None:
    for folder in ("d", "e/test/positive", "run"):
        (here / folder).mkdir(parents=True)
    shutil.copytree(SAMPLE / "checkpoint", here / "ck")
    (here / "ck/vocab.json").unlink()
    (here / "e/test/positive/a.txt").write_text("fine")
    pipes = ("d/test.csv", "d/train.jsonl.gz", "e/test/positive/b.txt", "ck/vocab.json", "p.jsonl",
             "p.parquet", "v.txt", "run/manifest.json")  # fmt: skip
    for name in pipes:
        os.mkfifo(here / name)
    model = ("--checkpoint", str(SAMPLE / "checkpoint"))
    for words in (
        ("--data", "d", *model),
        ("train", "--data", "d", "--out", "x"),
        ("--data", "e", *model),
        ("--checkpoint", "ck"),
        ("render", "--predictions", "p.jsonl"),
        ("render", "--predictions", "p.parquet"),
        ("render", "--predictions", "/dev/zero"),
        ("train", "--vectors", "v.txt", "--out", "x"),
        ("verify", "run"),
    ):
        assert "not a regular file" in one_line(invoke(*words, *(["--quiet"] * (len(words) > 2))))
    done = invoke("--data", "e", *model, *FEW, "--on-bad-row", "skip")
    assert (done.code, done.err) == (0, "")


# --- broken files and libraries ---


@pytest.mark.parametrize("log", [None, 5, "x", {}, [1], [[]]])
def test_a_checkpoint_s_training_log_is_a_list_of_objects(invoke, here: Path, log) -> None:
    shutil.copytree(SAMPLE / "checkpoint", here / "ck")
    change_config(here / "ck", lambda config: config["training"].update(log=log))
    assert one_line(invoke("--checkpoint", "ck")) == (
        "ck/config.json: not a checkpoint's config (training.log is not a list of objects)"
    )


def test_a_checkpoint_with_a_lone_surrogate(invoke, here: Path) -> None:
    shutil.copytree(SAMPLE / "checkpoint", here / "ck")
    change_config(here / "ck", lambda config: config["training"].update(best="\ud800"))
    assert "ck/config.json: not a checkpoint's config (" in one_line(invoke("--checkpoint", "ck"))


@pytest.mark.parametrize("error", ["ImportError('no libx')", "RuntimeError('no libx')"])
@pytest.mark.parametrize("words", [(), ("train",), ("predict",), ("calibrate", "c", "--out", "x")])
def test_a_torch_that_cannot_be_imported(here: Path, error: str, words) -> None:
    (here / "torch.py").write_text(f"raise {error}\n")
    path = os.pathsep.join([str(here), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "reportgen", *words],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    kind = error.partition("(")[0]
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "", f"error: torch cannot be imported ({kind}: no libx); install it anew\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "place"), [("test.csv", ":1"), ("test.jsonl", ":1"), ("test/good/a.txt", "")]
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_named(invoke, here: Path, name, place, encoding) -> None:
    file = here / "d" / name
    file.parent.mkdir(parents=True)
    file.write_bytes('text,label\n{"text": "a", "label": "b"}'.encode(encoding))
    message = one_line(invoke("--data", "d", "--checkpoint", str(SAMPLE / "checkpoint")))
    needed = "read it with" if name == "test.csv" else "use"
    assert message == (
        f"d/{name}{place}: NUL characters, as in UTF-16; {needed} --encoding {encoding}"
    )


# --- a custom tokenizer that ends the program ---


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys\nsys.exit(0)", "tokenizer quits:cut: SystemExit: 0"),
        (
            "def cut(text):\n    raise SystemExit('bye')",
            "tokenizer quits:cut, example 'train-1': SystemExit: bye",
        ),
        (
            "def cut(text):\n    yield text[:1]\n    exit()",
            "tokenizer quits:cut, example 'train-1': SystemExit: None",
        ),
    ],
)
def test_a_tokenizer_that_ends_the_program_is_an_error(
    invoke, here: Path, monkeypatch, code, message
) -> None:
    monkeypatch.syspath_prepend(here)
    monkeypatch.delitem(sys.modules, "quits", raising=False)
    (here / "quits.py").write_text(code)
    write_data(here / "mine")
    words = ("--data", "mine", "--tokenizer", "quits:cut", "--out", "ck", "--quiet")
    assert one_line(invoke("train", *words)) == message
