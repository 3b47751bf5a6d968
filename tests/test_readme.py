import re
import shlex

import click
import pytest

from reportgen import predictions
from reportgen.cli import cli
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
COMMANDS = [
    line.partition("  #")[0].strip()
    for kind, block in BLOCKS
    if kind == "console"
    for line in block.splitlines()
]


def test_the_example_is_short_and_makes_a_report(tmp_path, monkeypatch, invoke):
    monkeypatch.chdir(tmp_path)
    code = next(block for kind, block in BLOCKS if kind == "python")
    assert len([line for line in code.splitlines() if line]) == 10
    exec(compile(code, "README.md", "exec"), {})
    command = next(c for c in COMMANDS if c.startswith("reportgen render"))
    done = invoke(*shlex.split(command)[1:])
    assert done.code == 0
    assert done.out.startswith("Accuracy 50.0\xa0% on 2 examples\n")
    assert next((tmp_path / "reports" / "mine").glob("*Z-*/report.pdf")).stat().st_size > 1000


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("reportgen")])
def test_commands_parse(command):
    words = shlex.split(command)[1:]
    context = click.Context(cli)
    name = words[0] if words[0] in cli.commands else "run"
    command_ = cli.commands[name]
    rest = words[1:] if words[0] == name else words
    command_.make_context(name, rest, parent=context, resilient_parsing=True)
    command_.make_parser(context).parse_args(list(rest))


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z][a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_every_column_of_the_table_is_documented():
    documented = set(re.findall(r"^\| `([\w.]+)` \|", README, re.M))
    columns = {*predictions.REQUIRED, *predictions.OPTIONAL, "extra.NAME"}
    assert columns <= documented


def test_named_files_are_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_parameter_of_the_address_is_documented():
    table = README[README.index("| in the address") :].split("\n\n")[0]
    documented = {
        name
        for row in table.splitlines()[2:]
        for name in re.findall(r"`([\w.-]+)`", row.split("|")[1])
    }
    script = (ROOT / "templates" / "gallery" / "filters.js").read_text()
    state = re.search(r"const BLANK = \{(.*?)\};.*const LOOK = \{(.*?)\}", script, re.S)
    names = set(re.findall(r"(\w+):", state[1] + state[2]))
    assert documented == names | {"extra.COLUMN", "answered", "ex-NAME"}
