"""Filters, order and histogram of galleries whose examples have no label, or some of them none."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.publish.small import CLASSES
from tests.publish.unlabelled import COUNT, MIXED, NONE

PROBABILITIES = {row.id: row.probabilities.astype(float) for row in NONE}
LABELS = {row.id: row.label for row in MIXED}


def predicted(id_):
    return CLASSES[int(PROBABILITIES[id_].argmax())]


def unsure(id_):
    second, first = np.sort(PROBABILITIES[id_])[-2:]
    return first - second < 0.2


def shown(page):
    """The ids of the cards shown, page after page of the results."""
    ids = []
    while True:
        found = page.locator("#cards .card .id").all_text_contents()
        ids += found
        following = page.locator("#next")
        if not following.is_visible():
            return ids
        following.click()
        expect(page.locator("#cards .id").first).not_to_have_text(found[0])


def filtered(page, fragment, number):
    page.evaluate(f"location.hash = '#{fragment}'")
    expect(page.locator("#count")).to_have_text(f"{number} of {COUNT}")
    return shown(page) if number else []


@pytest.fixture
def bare(look, unlabelled):
    page = look(unlabelled / "index.html")
    yield page
    assert page.problems == []


@pytest.fixture
def mixed(look, partly):
    page = look(partly / "report.html")  # the single file
    yield page
    assert page.problems == []


def test_without_labels_there_is_no_filter_and_no_order_by_them(bare):
    chips = bare.locator("[data-outcome]").all_inner_texts()
    assert [chip.split()[-2] for chip in chips] == ["All", "Unsure"]
    bare.locator("summary", has_text="Filters and view").click()
    names = bare.locator("#find select").evaluate_all("all => all.map(one => one.name)")
    assert "label" not in names
    assert "predicted" in names
    assert bare.locator("option[value='-loss']").count() == 0
    assert bare.locator("#gallery .label").count() == 0
    verdicts = set(bare.locator("#gallery .verdict").all_text_contents())
    assert verdicts == {"Unlabelled", "Unlabelled, unsure"}


def test_unsure_ones_and_predicted_classes_are_found_without_labels(bare):
    bare.locator("[data-outcome=unsure]").click()
    wanted = {id_ for id_ in PROBABILITIES if unsure(id_)}
    expect(bare.locator("#count")).to_have_text(f"{len(wanted)} of {COUNT}")
    assert set(shown(bare)) == wanted
    good = {id_ for id_ in PROBABILITIES if predicted(id_) == "good"}
    assert set(filtered(bare, "predicted=good", len(good))) == good


def test_the_order_by_confidence_without_labels(bare):
    by_confidence = sorted(PROBABILITIES, key=lambda id_: (PROBABILITIES[id_].max(), id_))
    assert filtered(bare, "sort=confidence", COUNT) == by_confidence
    found = filtered(bare, "sort=-confidence", COUNT)
    values = [PROBABILITIES[id_].max() for id_ in found]
    assert values == sorted(values, reverse=True)
    gallery = bare.locator("#clear").click() or bare.locator("#gallery .id").all_text_contents()
    assert [unsure(id_) for id_ in gallery] == sorted(map(unsure, gallery))


@pytest.mark.parametrize("fragment", ["label=good", "label=none", "outcome=wrong", "outcome=right"])
def test_an_address_that_asks_for_labels_finds_none(bare, fragment):
    assert filtered(bare, fragment, 0) == []


def test_the_histogram_filters_without_labels(bare):
    assert bare.locator("#histogram .axis").inner_text().split()[1:-1] == ["unlabelled"]
    assert bare.locator("#histogram rect.right, #histogram rect.wrong").count() == 0
    histogram = bare.locator("#histogram svg")
    histogram.scroll_into_view_if_needed()
    box = histogram.bounding_box()
    bare.mouse.move(box["x"] + 2, box["y"] + 20)
    bare.mouse.down()
    bare.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    bare.mouse.up()
    wanted = {id_ for id_, p in PROBABILITIES.items() if p.max() <= 0.5}
    expect(bare.locator("#count")).to_have_text(f"{len(wanted)} of {COUNT}")


@pytest.mark.parametrize(
    ("outcome", "fits"),
    [
        ("wrong", lambda i: LABELS[i] not in (None, predicted(i))),
        ("right", lambda i: LABELS[i] == predicted(i)),
        ("unlabelled", lambda i: LABELS[i] is None),
        ("unsure", unsure),
    ],
)
def test_unlabelled_is_an_outcome_of_partly_labelled_tables(mixed, outcome, fits):
    wanted = {id_ for id_ in LABELS if fits(id_)}
    assert 0 < len(wanted) < COUNT
    mixed.locator(f"[data-outcome={outcome}]").click()
    expect(mixed.locator("#count")).to_have_text(f"{len(wanted)} of {COUNT}")
    assert set(shown(mixed)) == wanted


def test_labels_are_filtered_and_the_loss_is_of_labelled_examples_first(mixed):
    good = {id_ for id_, label in LABELS.items() if label == "good"}
    assert set(filtered(mixed, "label=good", len(good))) == good
    assert filtered(mixed, "label=nothing", 0) == []
    found = filtered(mixed, "sort=-loss", COUNT)
    known = [id_ for id_, label in LABELS.items() if label is not None]
    assert set(found[: len(known)]) == set(known)
    losses = [-np.log(PROBABILITIES[i][CLASSES.index(LABELS[i])]) for i in found[: len(known)]]
    assert losses == sorted(losses, reverse=True)
    gallery = mixed.locator("#clear").click() or mixed.locator("#gallery .id").all_text_contents()
    assert found[len(known) :] == [id_ for id_ in gallery if LABELS[id_] is None]


@pytest.mark.parametrize("width", [320, 390, 740, 1100])
def test_five_chips_fit_any_width(mixed, width):
    mixed.set_viewport_size({"width": width, "height": 800})
    for chip in mixed.locator("[data-outcome]").all():
        assert chip.bounding_box()["height"] < 40  # on one line
    assert mixed.evaluate("document.documentElement.scrollWidth") <= width
