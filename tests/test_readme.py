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


def test_the_recipe_for_a_word_tokenizer_trains_and_reports(tmp_path, monkeypatch, invoke):
    """With a stand-in for Janome, which cuts a text as that does: into words, spaces among them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "janome").mkdir()
    (tmp_path / "janome" / "tokenizer.py").write_text(
        "import re\n"
        "class Tokenizer:\n"
        "    def __init__(self, wakati):\n"
        "        assert wakati\n"
        "    def tokenize(self, text):\n"
        "        return iter(re.findall('料理|美味しい|まずい|は|。| ', text))\n"
    )
    (recipe,) = [block for kind, block in BLOCKS if kind == "py"]
    (tmp_path / "my_tokens.py").write_text(recipe)
    data = tmp_path / "my_reviews"
    data.mkdir()
    rows = ["料理は美味しい。,good", "料理は まずい。,bad"] * 10
    for split in ("train", "test"):
        (data / f"{split}.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    commands = [c for c in COMMANDS if "my_tokens:japanese" in c]
    small = ("--epochs", "1", "--hidden-size", "4", "--embedding-dim", "4", "--min-count", "1")
    assert [c.split()[1] for c in commands] == ["train", "--data"]
    done = invoke(*shlex.split(commands[0])[1:], *small, "--quiet")
    assert done.code == 0, done.err
    done = invoke(*shlex.split(commands[1])[1:], "--explain", "0", "--quiet")
    assert done.code == 0, done.err
    (table,) = (tmp_path / "reports").glob("my_reviews/2*/predictions.parquet")
    with predictions.open_predictions(table) as found:
        assert next(iter(found)).tokens == ("料理", "は", "美味しい", "。")
    refused = invoke("train", "--data", "my_reviews", "--out", "other/ck", *small)
    assert (refused.code, "--tokenizer character" in refused.err) == (1, True)
    assert not (tmp_path / "other").exists()
