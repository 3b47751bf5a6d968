"""Messages of the Python API name arguments, not options of the command line or metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

import reportgen as rg
from reportgen.api.calls import execution_of, with_arguments, with_run
from reportgen.errors import UsageError


@pytest.mark.parametrize(
    ("message", "spelled"),
    [
        ("--max-tokens 1: the model adds", "max_tokens=1: the model adds"),
        ("--weights 'x': use attention", "weights='x': use attention"),
        ("use --weights gradients", "use weights='gradients'"),
        ("--classes names 2, but", "classes= names 2, but"),
        ("so: --classes NAME,NAME", "so: classes=['NAME', 'NAME']"),
        ("fewer --workers, or a smaller --gallery", "fewer workers=, or a smaller gallery="),
        ("--encoding cp1252 or --on-bad-row skip", "encoding='cp1252' or on_bad_row='skip'"),
        ("try --delimiter ';' --encoding cp1252", "try delimiter=';' encoding='cp1252'"),
        ("with --unlabelled", "with unlabelled=True"),
        ("--slice nope: the data", "slices=['nope']: the data"),
        ("run `reportgen train --data x`, or give --checkpoint",
         "run `reportgen train --data x`, or give checkpoint="),
        ("--scheduler tcp://a:1: no scheduler", "scheduler='tcp://a:1': no scheduler"),
        ("needed by --scheduler, is", "needed by scheduler=, is"),
        ("--mlflow mysql+x://host/db: no", "mlflow='mysql+x://host/db': no"),
        ("needed for --mlflow (it is not", "needed for mlflow= (it is not"),
        ("give --epochs 1", "give --epochs 1"),
        ("a -- b --x", "a -- b --x"),
    ],
)  # fmt: skip
def test_options_are_spelled_as_arguments(message: str, spelled: str) -> None:
    assert with_arguments(message) == spelled


def test_metadata_are_spelled_as_the_argument_run() -> None:
    assert with_run('need "weights": {"kind": "attribution"} in the metadata') == (
        'need run={"weights": {"kind": "attribution"}}'
    )


ROWS = [
    {
        "id": "a", "text": "fine film", "label": "no", "probabilities": [0.4, 0.6],
        "tokens": ["fine", "film"], "attention": [0.4, 3.0],
    }
]  # fmt: skip


def test_the_hint_of_weights_names_run_and_works(tmp_path: Path) -> None:
    with pytest.raises(rg.ReportgenError) as refused:
        rg.render(ROWS, classes=["no", "yes"], out=tmp_path)
    assert 'need run={"weights": {"kind": "attribution"}}' in str(refused.value)
    assert "metadata" not in str(refused.value)
    given = {"weights": {"kind": "attribution"}}
    report = rg.render(ROWS, classes=["no", "yes"], run=given, out=tmp_path, pdf_examples=0)
    assert report.predictions.info.weights.kind == "attribution"


def test_what_run_lacks_is_said_of_run(tmp_path: Path) -> None:
    with pytest.raises(rg.ReportgenError, match=r"run= cannot be used: seed is not a whole number"):
        rg.render(ROWS, classes=["no", "yes"], run={"seed": -1}, out=tmp_path)


def test_a_column_that_is_not_there_is_named_by_its_argument(tmp_path: Path) -> None:
    rows = [{**ROWS[0], "attention": [0.4, 0.6]}]
    with pytest.raises(rg.ReportgenError, match=r"^slices=\['nope'\]: the data have"):
        rg.render(rows, classes=["no", "yes"], slices=["nope"], out=tmp_path)


def test_how_the_work_is_done() -> None:
    assert execution_of({}).workers == 1
    assert execution_of({"workers": None}).workers is None
    assert execution_of({"scheduler": "tcp://a:1"}).scheduler == "tcp://a:1"
    with pytest.raises(UsageError) as caught:
        execution_of({"scheduler": "tcp://a:1", "workers": 2})
    assert str(caught.value) == (
        "workers= is the number of processes here: leave it out with scheduler="
    )
