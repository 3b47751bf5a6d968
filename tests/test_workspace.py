"""Names of experiments, and where their checkpoints lie."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.errors import UsageError
from reportgen.workspace import NAME, Workspace, experiment_name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("reviews", "reviews"),
        ("reviews-", "reviews-"),
        ("IMDb_2.0", "IMDb_2.0"),
        ("Rückblick", "Rückblick"),
        ("Ru\u0308ckblick", "Rückblick"),
        ("my reviews", "my-reviews"),
        ("my  (old) reviews!", "my-old-reviews"),
        ("stanfordnlp/imdb", "stanfordnlp-imdb"),
        (".hidden", "hidden"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("bad\udcff", "bad"),
    ],
)
def test_the_default_name_of_an_experiment(data, name):
    assert experiment_name(data) == name


@given(st.text())
def test_a_default_name_is_always_valid_and_stays_what_it_is(data):
    name = experiment_name(data)
    assert NAME.fullmatch(name)
    assert experiment_name(name) == name
    assert Workspace(experiment=name).experiment == name


def test_where_a_checkpoint_lies():
    assert Workspace().checkpoint_for("my reviews") == Path("reports/my-reviews/checkpoint")
    assert Workspace(Path("r"), "e").checkpoint_for("d") == Path("r/e/checkpoint")
    assert Workspace(Path("r"), "e", Path("c")).checkpoint_for("d") == Path("c")


@pytest.mark.parametrize("name", ["", ".", "a b", "a/b", "-a", "a\n"])
def test_a_name_that_was_given_is_refused_not_changed(name):
    with pytest.raises(UsageError, match=r"^--experiment .*: use letters, digits"):
        Workspace(experiment=name)
