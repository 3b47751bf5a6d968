"""What is said of columns that are not compared, not filtered by, or not there."""

from __future__ import annotations

from reportgen.analysis.slices import LeftOut
from reportgen.publish.words.columns import left_out, unfiltered


def test_the_values_that_are_left_out_are_named() -> None:
    column = LeftOut("country", False, 14, 41, 1, (("de", 29), ("at", 12)))
    assert left_out([column], "labelled example") == [
        "Groups by column “country”: Not compared for want of 30 labelled examples on each side:"
        " 14 values with 41 labelled examples, de (29), at (12) and 12 more. 1 labelled example has"
        " no value in it."
    ]


def test_quarters_are_said() -> None:
    column = LeftOut("price", True, 1, 10, 0, (("over 7", 10),))
    assert left_out([column]) == [
        "Groups by column “price”: Its numbers are compared by quarters, for few of them have 30"
        " examples. Not compared for want of 30 examples on each side: 1 quarter with 10 examples,"
        " over 7 (10)."
    ]


def test_nothing_is_said_of_a_column_that_is_compared_whole() -> None:
    assert left_out([LeftOut("a", False, 0, 0, 0, ())]) == []
    assert left_out([]) == []


def test_columns_without_a_filter_are_named() -> None:
    assert unfiltered([]) == []
    assert unfiltered(["id", "day"]) == [
        "The cards cannot be filtered by columns of more than 20 values: “id”, “day”."
    ]
