"""The gallery's script: its files, and the one script that they are joined into."""

import pytest

from reportgen.publish.html.script import FILES, FLIPS_FILES, REVIEW_FILES, gallery_script
from reportgen.publish.html.templates import TEMPLATES

FOLDER = TEMPLATES / "gallery"


@pytest.fixture(scope="module")
def syntax_error(browser):
    """Parse a script without running it; the message of the error, or None."""
    page = browser.new_page()
    parse = """text => { try { new Function('"use strict";\\n' + text); return null; }
        catch (error) { return error.message; } }"""
    yield lambda text: page.evaluate(parse, text)
    page.close()


def test_every_file_of_the_folder_is_joined_once_and_in_order():
    every = (*FILES, *REVIEW_FILES, *FLIPS_FILES)
    assert sorted(every) == sorted(path.name for path in FOLDER.iterdir())
    for review, names in ((False, FILES), (True, (*FILES[:-1], *REVIEW_FILES, FILES[-1]))):
        script = gallery_script(review)
        places = [script.index((FOLDER / name).read_text()) for name in names]
        assert places == sorted(places)
        assert script == gallery_script(review)
    others = (*REVIEW_FILES, *FLIPS_FILES)
    assert not any((FOLDER / name).read_text() in gallery_script() for name in others)
    flips = gallery_script(flips=True)
    places = [flips.index((FOLDER / name).read_text()) for name in (*FLIPS_FILES, FILES[-1])]
    assert places == sorted(places)


def test_it_can_stand_inside_a_page():
    assert "</" not in gallery_script(review=True)


@pytest.mark.parametrize("name", [*FILES, *REVIEW_FILES, *FLIPS_FILES])
def test_a_file_is_a_readable_script_by_itself(syntax_error, name):
    text = (FOLDER / name).read_text()
    assert syntax_error(text) is None
    assert text.startswith("/* ")
    assert max(map(len, text.splitlines())) <= 120


def test_the_joined_script_parses_and_no_name_is_declared_twice(syntax_error):
    assert syntax_error(gallery_script()) is None
    assert syntax_error(gallery_script(review=True)) is None
    assert syntax_error(gallery_script(flips=True)) is None
    assert "already been declared" in syntax_error(gallery_script() + "const a = 1, a = 2;")


def test_nothing_of_it_is_global(look, finished):
    names = "Object.keys(window).sort()"
    page = look(finished / "index.html")
    blank = look(finished / "assets" / "report.css")
    assert set(page.evaluate(names)) - set(blank.evaluate(names)) == {"reportgen"}
    assert page.problems == []
