"""What a run says and leaves behind when its end goes wrong, and what it refuses at the start."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import weasyprint

from reportgen import pipeline, predicting
from reportgen.errors import ArchiveError, PredictionsError
from reportgen.publish import archive, heatmaps
from reportgen.publish.archive import new_run
from reportgen.publish.verification import verify
from tests.classifier.conftest import change_config, sha256
from tests.conftest import SAMPLE

FEW = ("--limit", "2", "--explain", "0", "--quiet")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# --- errors name what the user knows ---


def test_the_loser_of_two_equal_runs_is_told_so(here: Path, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")

    def both() -> None:
        with new_run(here, "trial", {}) as slow:
            with new_run(here, "trial", {}) as fast:
                (fast.folder / "index.html").write_text("fast")
            (slow.folder / "index.html").write_text("slow")

    with pytest.raises(ArchiveError, match=r"/trial/2023\S+: this run already exists; choose an"):
        both()
    assert [path.name[:4] for path in sorted((here / "trial").iterdir())] == ["2023", "late"]
    assert next((here / "trial").glob("2*/index.html")).read_text() == "fast"


def test_an_error_in_a_run_names_the_run_s_place_not_the_temporary_one(here: Path) -> None:
    def fail(run: archive.Run) -> None:
        raise PredictionsError(f"{run.folder}/p.parquet: bad")

    with pytest.raises(PredictionsError) as caught, new_run(here, "trial", {}) as run:
        fail(run)
    assert str(caught.value) == f"{run.destination}/p.parquet: bad"
    with pytest.raises(ArchiveError) as caught, new_run(here, "trial", {}) as run:
        (run.folder / "missing" / "x").write_text("")
    place = f"{run.destination}/missing/x"
    assert str(caught.value) == f"{place}: cannot be written (No such file or directory)"


@pytest.mark.parametrize(
    "place",
    [
        (pipeline, "write_table"),
        (heatmaps, "_draw"),
        (weasyprint.HTML, "write_pdf"),
        (archive, "_seal"),
    ],
)
def test_a_full_disk_is_named_with_its_place(invoke, here: Path, monkeypatch, place) -> None:
    monkeypatch.setattr(*place, full)
    done = invoke(*FEW)
    assert re.fullmatch(
        r"error: reports/reviews/\d{8}T\d{6}Z-[0-9a-f]{8}:"
        r" cannot be written \(No space left on device\)\n",
        done.err,
    )
    assert list(here.iterdir()) == []


def test_a_full_disk_of_a_table_is_named_with_its_place(invoke, here: Path, monkeypatch) -> None:
    monkeypatch.setattr(predicting, "write_predictions", full)
    done = invoke("predict", "--out", "p.parquet", *FEW)
    assert (done.code, done.err) == (1, "error: p.parquet: No space left on device\n")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        (float("nan"), "ck/model.safetensors: a weight is NaN or infinite; train it anew"),
        (3e38, "the model's logits for example 'test-018' are not finite"),
    ],
)
@pytest.mark.parametrize("command", [(), ("predict",)])
def test_weights_that_give_no_numbers(invoke, here: Path, factor, message, command) -> None:
    shutil.copytree(SAMPLE / "checkpoint", here / "ck")
    weights = safetensors.torch.load_file(here / "ck/model.safetensors")
    content = safetensors.torch.save({k: w.sign() * factor for k, w in weights.items()})
    (here / "ck/model.safetensors").write_bytes(content)
    change_config(here / "ck", lambda c: c["sha256"].update({"model.safetensors": sha256(content)}))
    done = invoke(*command, "--checkpoint", "ck", *FEW)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: {message}")


# --- a run that stands in its place has succeeded ---


def test_a_latest_that_cannot_be_written_is_a_warning(invoke, here: Path) -> None:
    (here / "reports/reviews/latest/mine").mkdir(parents=True)
    done = invoke(*FEW[:-1])
    assert done.code == 0
    run = next((here / "reports/reviews").glob("2*"))
    assert f"HTML  {run.relative_to(here)}/index.html\n" in done.out
    assert (
        "warning: reports/reviews/latest does not name the newest run,"
        f" {run.relative_to(here)} (Is a directory)\n"
    ) in done.err
    names = {path.name for path in (here / "reports/reviews").iterdir()}
    assert names == {run.name, "latest", "index.html"}
    assert verify(run) == []


@pytest.mark.parametrize("output", ["full", "closed"])
def test_a_full_or_closed_output_is_a_warning_that_names_the_run(here: Path, output: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [sys.executable, "-m", "reportgen", *FEW, "--out", "r"]
    with Path("/dev/full").open("w") as device:
        stdout = device if output == "full" else writing
        done = subprocess.run(words, stdout=stdout, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    run = next((here / "r/reviews").glob("2*"))
    assert done.returncode == 0
    assert done.stderr.startswith("warning: standard output: ")
    assert f"\nHTML  r/reviews/{run.name}/index.html\n" in done.stderr
    assert verify(run) == []


def test_a_file_never_takes_the_place_of_a_closed_output(here: Path) -> None:
    code = (
        "import os, sys\nfrom reportgen.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    os._exit(os.open('new', os.O_CREAT))\n"
    )
    command = f'{sys.executable} -c "$0" --version >&- 2>&- <&-'
    done = subprocess.run(["sh", "-c", command, code])
    assert done.returncode > 2, "0, 1 and 2 are the standard streams"


# --- killed ---


def test_a_later_run_removes_what_a_killed_one_left(invoke, here: Path) -> None:
    words = [sys.executable, "-m", "reportgen", "--explain", "0", "--heatmap-engine", "seaborn"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
        for line in running.stderr or ():
            if line.startswith("predicting: 98"):  # the heatmaps begin
                running.send_signal(signal.SIGKILL)
                break
    (left,) = (here / "reports/reviews").iterdir()
    assert (left / "predictions.parquet").is_file()
    assert invoke(*FEW).code == 0
    names = sorted(path.name[:4] for path in (here / "reports/reviews").iterdir())
    assert names[1:] == ["inde", "late"]


# --- refused at the start ---


def test_a_slice_that_the_data_lack_is_refused_before_the_prediction(
    invoke, here: Path, monkeypatch
) -> None:
    assert invoke("predict", "--out", "p.parquet", *FEW).code == 0
    monkeypatch.setattr(pipeline, "write_table", lambda *_: pytest.fail("predicted"))
    monkeypatch.setattr(pipeline, "new_run", lambda *_: pytest.fail("opened"))
    for words in ((), ("render", "--predictions", "p.parquet")):
        done = invoke(*words, "--slice", "nope")
        assert (done.code, done.out, done.err) == (
            2, "", "error: --slice nope: the data have no such column (further columns: topic)\n"
        )  # fmt: skip


def test_vectors_that_do_not_exist_are_refused_before_the_data_are_read(
    invoke, here: Path, monkeypatch
) -> None:
    monkeypatch.setattr(
        "reportgen.corpus.dataset.Dataset.read", lambda *_: pytest.fail("the data were read")
    )
    done = invoke("train", "--vectors", "nope.txt", "--out", "ck")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: nope.txt: no such file, and no known vectors of that name (")


@pytest.mark.parametrize("words", [("train",), ("predict",), ("calibrate", "CK")])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    invoke, here: Path, monkeypatch, words
) -> None:
    (here / "file").write_text("")
    monkeypatch.setattr(predicting, "write_predictions", lambda *_: pytest.fail("predicted"))
    monkeypatch.setattr(
        "reportgen.classifier.training.train", lambda *_, **__: pytest.fail("trained")
    )
    words = [str(SAMPLE / "checkpoint") if word == "CK" else word for word in words]
    done = invoke(*words, "--out", "file/x/y")
    assert (done.code, done.err) == (1, f"error: {here / 'file'}: Not a directory\n")
