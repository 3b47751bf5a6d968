"""The help texts, kept whole in ``help/``; REPORTGEN_UPDATE_HELP=1 writes them anew."""

import os
import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest

from reportgen.cli import cli
from reportgen.options import (
    PRESETS,
    DataOptions,
    PredictOptions,
    ReportOptions,
    TrainingOptions,
    TrainingSetup,
)
from reportgen.workspace import Workspace

HELP = Path(__file__).with_name("help")
COMMANDS = sorted(cli.commands)
RECORDS = {
    "run": (DataOptions, PredictOptions, ReportOptions, Workspace),
    "predict": (DataOptions, PredictOptions, Workspace),
    "render": (ReportOptions, Workspace),
    "compare": (ReportOptions, Workspace),
    "train": (DataOptions, TrainingOptions, TrainingSetup, Workspace),
    "calibrate": (DataOptions, PredictOptions),
    "card": (),
    "collect": (),
    "index": (),
    "pack": (),
    "verify": (),
}


def help_of(*words, invoke, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    done = invoke(*words, "--help")
    assert (done.code, done.err) == (0, "")
    return done.out


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_text_is_the_one_that_was_read(command, invoke, monkeypatch):
    text = help_of(*command.split(), invoke=invoke, monkeypatch=monkeypatch)
    kept = HELP / f"{command or 'reportgen'}.txt"
    if os.environ.get("REPORTGEN_UPDATE_HELP"):
        kept.write_text(text)
    assert text == kept.read_text()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\\" not in text


def test_the_top_level_help_teaches_the_default_command(invoke, monkeypatch):
    top = help_of(invoke=invoke, monkeypatch=monkeypatch)
    run = help_of("run", invoke=invoke, monkeypatch=monkeypatch)
    options = run.partition("\nData:\n")[2].partition("  --help")[0]
    assert len(options.splitlines()) > 50
    assert top.endswith(options)
    assert [w.partition(" ")[0] for w in re.findall(r"^  (\w+\*? +)[A-Z]", top, re.M)] == [
        "run*", "train", "predict", "render", "compare", "calibrate", "collect", "index", "pack",
        "verify", "card",
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_says_what_it_is_for(command):
    assert "..." not in cli.commands[command].get_short_help_str(62)
    for parameter in cli.commands[command].params:
        if isinstance(parameter, click.Option):
            assert re.search(r"\.$", parameter.help or ""), parameter.name


@pytest.mark.parametrize(
    "line", [line for c in (cli, *cli.commands.values()) for line, _ in c.examples]
)
def test_every_example_can_be_typed(line):
    program, *words = shlex.split(line)
    assert program == "reportgen"
    name = words.pop(0) if words[0] in cli.commands else "run"
    if "--help" not in words:
        cli.commands[name].make_context(name, words)


@pytest.mark.parametrize("command", COMMANDS)
def test_defaults_are_those_of_the_options_records(command):
    options = {p.name: p for p in cli.commands[command].params if isinstance(p, click.Option)}
    checked = set()
    for record in RECORDS[command]:
        for field in fields(record):
            if field.name in options:
                assert options[field.name].default == getattr(record(), field.name), field.name
                checked.add(field.name)
    without_record = {
        "digest", "fail_over", "fail_under", "fail_worse", "heatmaps", "mlflow", "out",
        "predictions", "preset", "quiet", "scheduler", "tokens", "workers",
    }  # fmt: skip
    assert set(options) - checked <= without_record


def test_options_of_the_training_name_the_value_of_every_preset(invoke, monkeypatch):
    text = " ".join(help_of("train", invoke=invoke, monkeypatch=monkeypatch).split())
    assert list(PRESETS) == ["default", "article"]
    assert "Mini-batch size. [default: 64; article: 32; N>=1]" in text
    assert "[default: 400; article: all]" in text
    assert "Step size of the Adam optimizer. [default: 0.001; X>0]" in text


def test_the_folder_for_reports_has_one_name_in_every_command():
    for command, options in (
        ("run", ["--reports", "--out"]),
        ("render", ["--reports", "--out"]),
        ("compare", ["--reports", "--out"]),
        ("predict", ["--reports"]),
        ("train", ["--reports"]),
    ):
        found = next(p for p in cli.commands[command].params if p.name == "reports")
        assert found.opts == options, command


def test_a_report_names_no_option_that_its_command_lacks():
    """A report may come from a table, by ``render``, which has no option of the prediction."""
    root = Path(__file__).parents[2]
    places = [*(root / "templates").rglob("*.j2"), *(root / "reportgen/publish/words").glob("*.py")]
    named = {name for place in places for name in re.findall(r"--[a-z][a-z-]+", place.read_text())}
    known = {name for option in cli.commands["render"].params for name in option.opts}
    assert named <= known
