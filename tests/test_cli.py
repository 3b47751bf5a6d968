import json
import re
import subprocess
import sys

import pytest

from reportgen import __version__, pipeline
from reportgen.cli import cli
from reportgen.errors import ReportgenError
from tests.conftest import SAMPLE

GOOD = ["great film", "lovely book", "great food", "lovely stay", "great great", "lovely lovely"]
BAD = ["awful film", "dull book", "awful food", "dull stay", "awful awful", "dull dull"]
SMALL = (
    "--epochs", "2", "--hidden-size", "4", "--embedding-dim", "4", "--min-count", "1",
    "--batch-size", "4", "--valid-fraction", "0.2", "--device", "cpu",
)  # fmt: skip


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder of data beside an empty reports folder; the current folder is its parent."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    folder.mkdir()
    rows = [f"{t},good" for t in GOOD] + [f"{t},bad" for t in BAD]
    for split, chosen in (("train", rows), ("test", rows[::2])):
        (folder / f"{split}.csv").write_text("text,label\n" + "\n".join(chosen) + "\n")
    return folder


def test_help_teaches_the_default_command(invoke):
    done = invoke("--help")
    assert done.code == 0
    for said in ("run*", "predict", "render", "train", "verify", "--split NAME", "--pdf-examples"):
        assert said in done.out, said
    assert "reportgen train --data FOLDER" in done.out


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_option_has_a_help_text(command):
    for parameter in cli.commands[command].params:
        if parameter.param_type_name == "option":
            assert parameter.help, parameter.name


def test_version(invoke):
    assert invoke("--version").out == f"reportgen, version {__version__}\n"


def test_a_mistyped_command_suggests_the_nearest(invoke):
    done = invoke("rendr")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: no command 'rendr'; did you mean 'render'? (see `reportgen --help`)\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--splt", "x"), "No such option '--splt'"),
        (("--limit", "0"), "0 is not in the range x>=1"),
        (("--pdf-examples", "some"), "'some' is neither a number nor 'all'"),
        (("--unsure-margin", "2"), "2.0 is not in the range 0<=x<=1"),
        (("render",), "Missing option '--predictions'"),
        (("--experiment", "a/b"), "--experiment 'a/b': use letters, digits"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(invoke, words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke(*words)
    assert done.code == 2
    assert said in done.err
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_data_that_is_not_there(invoke):
    done = invoke("--data", "nowhere")
    assert (done.code, done.err) == (1, "error: nowhere: the data folder does not exist\n")


def test_a_split_that_is_not_there(invoke):
    done = invoke("--split", "dev")
    assert done.code == 1
    assert done.err.endswith("no split 'dev' (there are: test, train, valid)\n")


def test_without_a_checkpoint_the_train_command_is_named(invoke, data):
    done = invoke("--data", "mine")
    assert done.code == 1
    assert done.err == (
        "error: reports/mine/checkpoint: experiment 'mine' has no checkpoint;"
        " train one with `reportgen train --data mine`, or give --checkpoint\n"
    )
    assert not (data.parent / "reports").exists()


def test_train_then_run_uses_the_experiments_own_checkpoint(invoke, data):
    trained = invoke("train", "--data", "mine", *SMALL)
    assert (trained.code, trained.out) == (0, "reports/mine/checkpoint\n")
    assert re.search(
        r"^epoch  1  train loss [\d.]+  valid loss [\d.]+  valid acc", trained.err, re.M
    )
    done = invoke("--data", "mine", "--split", "test", "--quiet")
    assert done.code == 0
    assert done.err == ""
    headline, html, pdf, size = done.out.splitlines()
    assert re.fullmatch(r"Right on [\d.]+\xa0% of 6 examples", headline)
    index = data.parent / html.removeprefix("HTML  ")
    assert index.is_file()
    assert (data.parent / pdf.removeprefix("PDF   ")).is_file()
    assert re.fullmatch(r"Size  [\d.]+ MB", size)
    assert invoke("verify", str(index.parent)).out == f"{index.parent}: every hash holds\n"
    inputs = json.loads((index.parent / "inputs.json").read_text())
    config = data.parent / "reports" / "mine" / "checkpoint" / "config.json"
    assert inputs["checkpoint"]["sha256"] == pipeline.file_sha256(config)
    assert inputs["data"]["split"] == "test"


def test_training_never_replaces_a_checkpoint(invoke, data):
    (data.parent / "ck").mkdir()
    done = invoke("train", "--data", "mine", "--out", "ck", *SMALL)
    assert (done.code, done.err) == (
        1, "error: ck: exists already; remove it or choose another --out\n"
    )  # fmt: skip


def test_options_override_the_preset(invoke, data):
    words = ("--preset", "article", "--num-layers", "1", "--vocab-size", "7", "--seed", "5")
    assert invoke("train", "--data", "mine", *words, *SMALL).code == 0
    config = json.loads((data.parent / "reports/mine/checkpoint/config.json").read_text())
    options = config["training"]["options"]
    assert (options["num_layers"], options["vocab_size"], options["seed"]) == (1, 7, 5)
    assert (options["dropout"], options["max_length"]) == (0.4, None)


def test_a_bad_row_stops_or_is_listed(invoke, data):
    with (data / "test.csv").open("a") as file:
        file.write("only one field\n")
    assert invoke("train", "--data", "mine", *SMALL).code == 0
    stopped = invoke("--data", "mine")
    assert (stopped.code, stopped.out) == (1, "")
    assert stopped.err.splitlines()[-1] == (
        "error: mine/test.csv:8: too few fields: 1, and the header has 2"
    )
    assert not list((data.parent / "reports/mine").glob("*Z-*"))
    skipped = invoke("--data", "mine", "--on-bad-row", "skip", "--quiet")
    assert skipped.code == 0
    page = (data.parent / "reports/mine/latest/index.html").read_text()
    assert "1 row left out" in page
    assert "test.csv:8" in page


def test_limit_is_seeded_and_said(invoke, tmp_path):
    done = invoke("--limit", "3", "--seed", "2", "--out", str(tmp_path / "r"), "--quiet")
    assert done.out.splitlines()[0].endswith("of 3 examples, a seeded sample of 98")
    inputs = json.loads((tmp_path / "r/reviews/latest/inputs.json").read_text())
    assert inputs["data"]["read"]["limit"] == 3
    assert inputs["data"]["read"]["seed"] == 2


def test_predict_then_render_is_the_same_report(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    predicted = invoke("predict", "--limit", "4", "--out", "p.parquet", "--quiet")
    assert (predicted.code, predicted.out) == (0, "p.parquet\n")
    assert invoke("predict", "--out", "p.parquet").err == (
        "error: p.parquet: exists already; choose another --out\n"
    )
    assert invoke("render", "--predictions", "p.parquet", "--quiet").code == 0
    assert invoke("--limit", "4", "--out", "other", "--quiet").code == 0
    pages = [
        re.sub(r"Z-[0-9a-f]{8}|run [0-9a-f]{8}|\d{8}T\d{6}|[0-9a-f]{64}", "", page.read_text())
        for page in (
            tmp_path / "reports/reviews/latest/index.html",
            tmp_path / "other/reviews/latest/index.html",
        )
    ]
    assert pages[0] == pages[1]


def test_verify_says_what_changed_and_exits_1(invoke, tmp_path):
    invoke("--limit", "2", "--out", str(tmp_path), "--quiet")
    run = (tmp_path / "reviews/latest").resolve()
    (run / "index.html").write_text("other")
    (run / "predictions.csv").unlink()
    (run / "note.txt").write_text("")
    done = invoke("verify", str(run))
    assert done.code == 1
    assert done.out == "missing  predictions.csv\nchanged  index.html\nnew      note.txt\n"
    assert done.err == f"{run}: 3 files differ\n"


def test_an_interrupt_ends_cleanly(invoke, monkeypatch, tmp_path):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "write_table", interrupted)
    done = invoke("--out", str(tmp_path / "r"), "--quiet")
    assert (done.code, done.err.strip()) == (130, "error: interrupted; nothing half-written stays")
    assert list((tmp_path / "r" / "reviews").iterdir()) == []


def test_a_polite_kill_ends_as_cleanly(tmp_path):
    words = ("-m", "reportgen", "--out", str(tmp_path / "r"), "--heatmap-engine", "seaborn")
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
    assert list((tmp_path / "r" / "reviews").iterdir()) == []


def test_an_unexpected_error_names_its_step_and_leaves_nothing(invoke, monkeypatch, tmp_path):
    def broken(*args, **kwargs):
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(pipeline, "write_report", broken)
    done = invoke("--out", str(tmp_path / "r"), "--quiet")
    assert (done.code, done.err) == (1, "error: the report failed: ZeroDivisionError: by zero\n")
    assert list((tmp_path / "r" / "reviews").iterdir()) == []


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


@pytest.mark.parametrize(
    ("words", "forbidden"),
    [
        (("--help",), ("torch", "matplotlib", "pyarrow", "weasyprint")),
        (("verify", "RUN"), ("torch", "matplotlib", "weasyprint", "pyarrow")),
        (("render", "--predictions", "TABLE", "--quiet"), ("torch", "torchtext")),
    ],
)
def test_a_command_imports_only_what_it_needs(words, forbidden, tmp_path, invoke):
    table = tmp_path / "p.parquet"
    invoke("predict", "--limit", "1", "--out", str(table), "--quiet")
    invoke("render", "--predictions", str(table), "--out", str(tmp_path / "r"), "--quiet")
    run = tmp_path / "r" / "reviews" / "latest"
    given = [{"RUN": str(run), "TABLE": str(table)}.get(word, word) for word in words]
    code = (
        "import sys\nfrom reportgen.cli import main\n"
        f"sys.argv = ['reportgen', *{given!r}]\n"
        "try:\n    main()\nexcept SystemExit as done:\n    assert not done.code\n"
        f"print('LOADED', [m for m in {forbidden!r} if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.splitlines()[-1] == "LOADED []", done.stderr


def test_the_sample_checkpoint_serves_only_the_sample(tmp_path):
    sample = pipeline.SAMPLE_DATA
    assert sample.resolve() == (SAMPLE / "reviews").resolve()
    for data in (None, str(sample)):
        assert pipeline.find_checkpoint(tmp_path, "reviews", data) == pipeline.SAMPLE_CHECKPOINT
    with pytest.raises(ReportgenError, match="has no checkpoint"):
        pipeline.find_checkpoint(tmp_path, "reviews", str(tmp_path))
