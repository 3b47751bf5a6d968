"""The picture of a trend: places of points, bars and the line."""

from __future__ import annotations

from reportgen.publish.html.trend import BARS, EDGE, HEIGHT, POINTS, WIDTH, picture
from reportgen.publish.past import Estimate

TOP, BOTTOM = f"{EDGE:.1f}", f"{HEIGHT - EDGE:.1f}"
LEFT, RIGHT = f"{EDGE:.1f}", f"{WIDTH - EDGE:.1f}"


def test_the_scale_spans_the_intervals_and_steps_are_even() -> None:
    middle = Estimate(0.5, 0.4, 0.6)
    drawn = picture([Estimate(0.3, 0.0, 0.5), middle, Estimate(0.8, 0.7, 1.0)])
    assert (drawn.low, drawn.high) == (0.0, 1.0)
    half = f"{HEIGHT / 2:.1f}"
    assert drawn.points[1] == (f"{WIDTH / 2:.1f}", half, 1)
    assert drawn.bars.startswith(f"M{LEFT} {BOTTOM}V{half}M")
    assert drawn.bars.endswith(f"V{TOP}")
    assert drawn.line.startswith(f"M{LEFT} ")
    assert drawn.line.count("L") == 2
    assert f"L{RIGHT} " in drawn.line
    assert [i for *_, i in drawn.points] == [0, 1, 2]


def test_a_value_without_an_interval_has_no_bar() -> None:
    drawn = picture([Estimate(0.2, None, None), Estimate(0.4, 0.3, 0.5)])
    assert (drawn.low, drawn.high) == (0.2, 0.5)
    assert drawn.bars.count("M") == 1
    assert drawn.points[0][:2] == (LEFT, BOTTOM)


def test_a_value_outside_its_interval_is_inside_the_picture() -> None:
    drawn = picture([Estimate(0.9, 0.2, 0.5), Estimate(0.1, 0.2, 0.5)])
    assert (drawn.low, drawn.high) == (0.1, 0.9)


def test_equal_values_stand_in_the_middle() -> None:
    drawn = picture([Estimate(1.0, None, None)] * 2)
    assert {y for _, y, _ in drawn.points} == {f"{HEIGHT / 2:.1f}"}
    assert drawn.bars == ""


def test_of_many_runs_only_the_last_has_a_point() -> None:
    estimates = [Estimate(i / 100, None, None) for i in range(POINTS + 1)]
    assert len(picture(estimates[1:]).points) == POINTS
    drawn = picture(estimates)
    assert drawn.points == ((RIGHT, TOP, POINTS),)
    assert drawn.line.count("L") == POINTS


def test_of_very_many_runs_the_intervals_are_a_band() -> None:
    estimates = [Estimate(0.5, 0.0, 1.0)] * (BARS + 1)
    few, many = picture(estimates[1:]), picture(estimates)
    assert (few.band, few.bars.count("M")) == ("", BARS)
    assert many.bars == ""
    assert many.band.startswith(f"M{LEFT} {TOP}L")
    assert many.band.endswith(f"L{LEFT} {BOTTOM}Z")
    assert f"L{RIGHT} {TOP}L{RIGHT} {BOTTOM}L" in many.band
    assert many.band.count("L") == 2 * BARS + 1
