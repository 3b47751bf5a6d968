"""Every error is one line on standard error and an exit code; nothing half-written stays."""

import re
import subprocess
import sys

import pytest

from reportgen import learning, pipeline, predicting
from reportgen.classifier import training
from reportgen.cli import cli
from reportgen.errors import ReportgenError
from tests.cli.conftest import SMALL


def test_a_mistyped_command_suggests_the_nearest(invoke):
    done = invoke("rendr")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: no command 'rendr'; did you mean 'render'? (see `reportgen --help`)\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--splt", "x"), "No such option '--splt'"),
        (("--limit", "0"), "'--limit': 0 is not in the range x>=1."),
        (("--limit", "many"), "'--limit': 'many' is not a valid whole number."),
        (("--pdf-examples", "some"), "'some' is neither a whole number nor 'all'."),
        (("--pdf-examples", "-1"), "-1 is less than 0."),
        (("--workers", "0"), "0 is less than 1."),
        (("--unsure-margin", "2"), "2.0 is not in the range 0<=x<=1."),
        (("--unsure-margin", "nan"), "'--unsure-margin': nan is not a finite number."),
        (("--unsure-margin", "wide"), "'wide' is not a valid number."),
        (("train", "--valid-fraction", "NaN"), "'--valid-fraction': nan is not a finite number."),
        (("train", "--dropout", "nan"), "'--dropout': nan is not a finite number."),
        (("train", "--word-dropout", "nan"), "'--word-dropout': nan is not a finite number."),
        (("train", "--average", "nan"), "'--average': nan is not a finite number."),
        (("train", "--learning-rate", "nan"), "'--learning-rate': nan is not a finite number."),
        (("train", "--learning-rate", "inf"), "'--learning-rate': inf is not a finite number."),
        (("--seed", "-1"), "'--seed': -1 is not in the range 0<=x<=4294967295."),
        (("--seed", "4294967296"), "'--seed': 4294967296 is not in the range"),
        (("predict", "--seed", "-1"), "'--seed': -1 is not in the range"),
        (("train", "--seed", "-1"), "'--seed': -1 is not in the range"),
        (("--fail-under", "accuracy=nan"), "'accuracy=nan' is not NAME=VALUE"),
        (("--fail-over", "ece=inf"), "'ece=inf' is not NAME=VALUE"),
        (("--fail-over", "ece=-1e999"), "'ece=-1e999' is not NAME=VALUE"),
        (("--fail-under", "accuracy"), "'accuracy' is not NAME=VALUE, as in accuracy=0.85."),
        (("--fail-under", "=0.5"), "'=0.5' is not NAME=VALUE"),
        (("render",), "Missing option '--predictions'"),
        (("calibrate", "folder"), "Missing option '--out'"),
        (("calibrate", "c", "--out", "o", "--limit", "9"), "No such option '--limit'"),
        (("calibrate", "c", "--out", "o", "--seed", "1"), "No such option '--seed'"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(invoke, words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke(*words)
    command = words[0] if words[0] in cli.commands else "run"
    assert done.code == 2
    assert message in done.err
    assert done.err.startswith("error: ")
    assert done.err.endswith(f" (see `reportgen {command} --help`)\n")
    assert done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a/b", "", "..", "two words", "-x"])
@pytest.mark.parametrize(
    "words",
    [(), ("train", *SMALL), ("predict",), ("render", "--predictions", "nowhere.parquet")],
)
def test_an_experiment_that_cannot_name_a_folder_is_refused_before_any_work(
    invoke, words, name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    done = invoke(*words, "--experiment", name)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: --experiment {name!r}: use letters, digits, '-', '_' and '.', no '/'\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_data_that_is_not_there(invoke):
    done = invoke("--data", "nowhere")
    assert (done.code, done.err) == (1, "error: nowhere: the data folder does not exist\n")


def test_a_split_that_is_not_there(invoke):
    done = invoke("--split", "dev")
    assert done.code == 1
    assert done.err.endswith("no split 'dev' (there are: test, train, valid)\n")


def test_an_interrupt_ends_cleanly(invoke, monkeypatch, tmp_path):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "write_table", interrupted)
    done = invoke("--out", str(tmp_path / "r"), "--quiet")
    assert (done.code, done.err.strip()) == (130, "error: interrupted; nothing half-written stays")
    assert not (tmp_path / "r").exists()


def test_a_polite_kill_ends_as_cleanly(tmp_path):
    words = (
        "-m", "reportgen", "--out", str(tmp_path / "r"), "--heatmap-engine", "seaborn",
        "--explain", "0",
    )  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    for line in started.stderr:
        if line.startswith("predicting: 98"):  # the heatmaps begin
            started.terminate()
            break
    _, said = started.communicate()
    assert started.returncode == 130
    assert said.strip().endswith("error: interrupted; nothing half-written stays")
    assert not (tmp_path / "r").exists()


def test_an_unexpected_error_names_its_step_and_leaves_nothing(invoke, monkeypatch, tmp_path):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(pipeline, "write_report", broken)
    words = ("--limit", "2", "--explain", "0", "--quiet")
    done = invoke("--out", str(tmp_path / "r"), *words)
    assert (done.code, done.err) == (1, "error: the report failed: ZeroDivisionError: by zero\n")
    assert not (tmp_path / "r").exists()


def test_file_system_errors_are_one_line(invoke, tmp_path):
    (tmp_path / "file").write_text("")
    done = invoke("--limit", "1", "--out", str(tmp_path / "file"), "--quiet")
    assert done.code == 1
    assert re.fullmatch(r"error: .*file.*: cannot be written \(.*\)\n", done.err)


def test_every_error_has_an_exit_code():
    from reportgen import errors

    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, ReportgenError)
        assert kind.exit_code == (2 if name == "UsageError" else 1)
        assert f"{name} " in (errors.__doc__ or "") or name == "ReportgenError"


def test_memory_that_runs_out_at_the_door_is_one_line(invoke, monkeypatch, tmp_path):
    def full(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr(pipeline, "git_state", full)
    done = invoke("--reports", str(tmp_path), "--quiet")
    assert (done.code, done.err) == (1, "error: out of memory\n")


@pytest.mark.parametrize(
    ("command", "place", "error", "message"),
    [
        (
            "render", (pipeline, "write_report"), MemoryError(),
            "the report: out of memory; use fewer --workers, or a smaller --gallery or"
            " --pdf-examples",
        ),
        ("render", (pipeline, "open_predictions"), MemoryError(), "reading the predictions: out"
         " of memory"),
        (
            "predict", (predicting, "write_predictions"), MemoryError(),
            "prediction: out of memory; lower --batch-size, use --limit, or fewer --workers",
        ),
        (
            "predict", (predicting, "open_dataset"), MemoryError(),
            "reading the data: out of memory; a split is read whole, so use a smaller one",
        ),
        (
            "train", (learning, "open_dataset"), MemoryError(),
            "reading the data: out of memory; a split is read whole, so use a smaller one",
        ),
        (
            "train", (training, "train"), MemoryError(),
            "training: out of memory; lower --batch-size or --max-length",
        ),
    ],
)  # fmt: skip
def test_memory_that_runs_out_advises_options_that_the_command_has(
    invoke, monkeypatch, tmp_path, command, place, error, message
):
    monkeypatch.chdir(tmp_path)
    assert invoke("predict", "--limit", "2", "--explain", "0", "--quiet").code == 0
    words = {
        "render": ("render", "--predictions", "predictions.parquet"),
        "predict": ("predict", "--out", "other.parquet", "--limit", "2", "--explain", "0"),
        "train": ("train", *SMALL),
    }[command]

    def full(*args, **kwargs):
        raise error

    monkeypatch.setattr(*place, full)
    done = invoke(*words, "--quiet")
    assert (done.code, done.err) == (1, f"error: {message}\n")
    known = {name for option in cli.commands[command].params for name in option.opts}
    assert set(re.findall(r"--[a-z-]+", message)) <= known


def test_memory_that_runs_out_in_torch_is_told_apart_from_other_failures():
    import torch

    with (
        pytest.raises(ReportgenError, match=r"^prediction: out of memory; use less$"),
        predicting.step("prediction", "use less"),
    ):
        torch.empty(10**15)
    with (
        pytest.raises(ReportgenError, match=r"^prediction: out of memory$"),
        predicting.step("prediction"),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
    with (
        pytest.raises(ReportgenError, match=r"^prediction failed: RuntimeError: other$"),
        predicting.step("prediction", "use less"),
    ):
        raise RuntimeError("other")


def test_a_table_that_could_not_be_opened_again_is_not_written(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("p.jsonl", "p.jsonl.gz", "p.csv"):
        done = invoke("predict", "--out", name)
        assert (done.code, done.err) == (
            2, f"error: --out {name}: the table is written as parquet; name it .parquet\n"
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
