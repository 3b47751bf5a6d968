"""The commands as a user meets them: what each prints, leaves behind, and exits with."""

import json
import re
import subprocess
import sys

import pytest

from reportgen import __version__, pipeline
from tests.cli.conftest import SMALL, write_data


def test_version(invoke):
    assert invoke("--version").out == f"reportgen, version {__version__}\n"


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
    headline, html, pdf, size, digest = done.out.splitlines()
    assert re.fullmatch(r"Accuracy [\d.]+\xa0% on 6 examples", headline)
    index = data.parent / html.removeprefix("HTML  ")
    assert index.is_file()
    assert (data.parent / pdf.removeprefix("PDF   ")).is_file()
    assert re.fullmatch(r"Size  [\d.]+ MB", size)
    assert digest == f"Digest {pipeline.file_sha256(index.parent / 'manifest.json')}"
    verified = invoke("verify", str(index.parent), "--digest", digest.removeprefix("Digest "))
    assert verified.out == f"{index.parent}: every hash matches\n"
    other = invoke("verify", str(index.parent), "--digest", "0" * 64)
    assert (other.code, other.out) == (1, "changed  manifest.json\n")
    assert invoke("verify", str(index.parent), "--digest", "12").code == 2
    inputs = json.loads((index.parent / "inputs.json").read_text())
    config = data.parent / "reports" / "mine" / "checkpoint" / "config.json"
    assert inputs["checkpoint"]["sha256"] == pipeline.file_sha256(config)
    assert inputs["data"]["split"] == "test"


def test_training_never_replaces_a_checkpoint(invoke, data):
    (data.parent / "ck").mkdir()
    done = invoke("train", "--data", "mine", "--out", "ck", *SMALL)
    assert (done.code, done.err) == (
        1, "error: ck: already exists; remove it or choose another --out\n"
    )  # fmt: skip


def test_data_whose_name_cannot_name_a_folder(invoke, tmp_path, monkeypatch):
    """Every command finds what the others wrote for ``my reviews``."""
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path / "my reviews")
    trained = invoke("train", "--data", "my reviews", *SMALL, "--quiet")
    assert (trained.code, trained.out) == (0, "reports/my-reviews/checkpoint\n"), trained.err
    words = ("--data", "my reviews", "--explain", "0", "--quiet")
    done = invoke(*words)
    assert (done.code, done.err) == (0, "")
    assert "HTML  reports/my-reviews/2" in done.out
    assert invoke("predict", *words).code == 0
    rendered = invoke("render", "--predictions", "predictions.parquet", "--quiet", "--out", "other")
    assert (rendered.code, rendered.err) == (0, "")
    assert "HTML  other/my-reviews/2" in rendered.out
    page = (tmp_path / "reports/my-reviews/latest/index.html").read_text()
    assert "my reviews" in page


def test_the_folder_for_reports_is_reports_in_every_command(invoke, data):
    assert invoke("train", "--data", "mine", "--reports", "r", *SMALL).out == "r/mine/checkpoint\n"
    words = ("--data", "mine", "--explain", "0", "--quiet", "--reports", "r")
    assert "HTML  r/mine/2" in invoke(*words).out
    assert invoke("predict", *words, "--out", "p.parquet").out == "p.parquet\n"
    rendered = invoke("render", "--predictions", "p.parquet", "--quiet", "--reports", "s")
    assert "HTML  s/mine/2" in rendered.out
    assert not (data.parent / "reports").exists()


@pytest.mark.parametrize("seed", ["0", str(2**32 - 1)])
def test_every_seed_in_the_range_works(invoke, data, seed):
    assert invoke("train", "--data", "mine", "--seed", seed, *SMALL, "--quiet").code == 0
    words = ("--data", "mine", "--seed", seed, "--limit", "4", "--explain", "2", "--gallery", "3")
    done = invoke(*words, "--quiet")
    assert (done.code, done.err) == (0, "")


def test_the_word_for_no_limit_is_accepted_in_any_case(invoke, tmp_path):
    words = ("--limit", "2", "--explain", "ALL", "--pdf-examples", "all", "--max-tokens", "All")
    done = invoke(*words, "--workers", "AUTO", "--reports", str(tmp_path), "--quiet")
    assert (done.code, done.err) == (0, "")
    inputs = json.loads((tmp_path / "reviews/latest/inputs.json").read_text())
    assert inputs["predict"]["explain"] is None
    assert inputs["predict"]["max_tokens"] is None
    assert inputs["report"]["pdf_examples"] is None


def test_options_override_the_preset(invoke, data):
    words = ("--preset", "article", "--num-layers", "1", "--vocab-size", "7", "--seed", "5")
    assert invoke("train", "--data", "mine", *words, *SMALL).code == 0
    config = json.loads((data.parent / "reports/mine/checkpoint/config.json").read_text())
    options = config["training"]["options"]
    assert (options["num_layers"], options["vocab_size"], options["seed"]) == (1, 7, 5)
    assert (options["dropout"], options["max_length"]) == (0.4, None)


def test_an_option_overrides_the_preset_also_by_the_other_preset_s_value(invoke, data):
    """``--dropout 0.5`` is what the default preset has, and ``all`` stands for None."""
    words = ("--max-length", "all", "--out", "whole", *SMALL)
    assert invoke("train", "--data", "mine", *words).code == 0
    config = json.loads((data.parent / "whole/config.json").read_text())
    assert config["training"]["options"]["max_length"] is None
    words = ("--preset", "article", "--dropout", "0.5", "--num-layers", "1", "--out", "half")
    assert invoke("train", "--data", "mine", *words, *SMALL).code == 0
    config = json.loads((data.parent / "half/config.json").read_text())
    assert config["training"]["options"]["dropout"] == 0.5


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


def test_a_limit_is_seeded_and_stated(invoke, tmp_path):
    done = invoke("--limit", "3", "--seed", "2", "--out", str(tmp_path / "r"), "--quiet")
    assert done.out.splitlines()[0].endswith("on 3 examples sampled from 98")
    inputs = json.loads((tmp_path / "r/reviews/latest/inputs.json").read_text())
    assert inputs["data"]["read"]["limit"] == 3
    assert inputs["data"]["read"]["seed"] == 2


def test_predict_then_render_is_the_same_report(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    predicted = invoke("predict", "--limit", "4", "--out", "p.parquet", "--quiet")
    assert (predicted.code, predicted.out) == (0, "p.parquet\n")
    assert invoke("predict", "--out", "p.parquet").err == (
        "error: p.parquet: already exists; choose another --out\n"
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


def test_verify_lists_what_changed_and_exits_1(invoke, tmp_path):
    invoke("--limit", "2", "--out", str(tmp_path), "--quiet")
    run = (tmp_path / "reviews/latest").resolve()
    (run / "index.html").write_text("other")
    (run / "predictions.csv").unlink()
    (run / "note.txt").write_text("")
    done = invoke("verify", str(run))
    assert done.code == 1
    assert done.out == "missing  predictions.csv\nchanged  index.html\nnew      note.txt\n"
    assert done.err == f"{run}: 3 files differ\n"


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
