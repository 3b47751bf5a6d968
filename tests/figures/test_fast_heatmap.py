import io

import numpy as np
import pytest
from PIL import Image

from reportgen.figures import layout
from reportgen.figures.fast_heatmap import draw_fast
from reportgen.figures.fonts import _installed
from reportgen.figures.heatmap import draw_heatmap
from reportgen.figures.inks import WordInks
from reportgen.figures.layout import COLUMNS, SCALE, Band, grid
from reportgen.figures.palette import HATCH, LINE, contrast
from reportgen.figures.scales import LEVELS, PLAIN
from reportgen.figures.shapes import Text, key, level_shade, underlines

WORDS = (
    *("I", "kept", "waiting", "for", "the", "brilliant", "twist", "everyone", "had", "promised"),
    *("$5", "and", "$10", "<unk>", "&", "café", "naïve", "internationalization", "x", ".", ","),
    *("Donaudampfschifffahrt", "قصة", "رائعة", "שלום", "😀", "“quoted”", "don't", "%d", "{{x}}"),
    *(
        "映画",
        "素晴らしい",
        "电影",
        "영화",
        "फ़िल्म",
        "क्षि",
        "Привет",
        "ψυχή",
        "é",
        "ñ̰̣",
        "👍🏽",
        "x²≤½",
    ),
)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=float) / 255


def part(picture, left, top, width, height):
    """The pixels of a box that is given in CSS pixels."""
    left, top, right, bottom = (round(SCALE * v) for v in (left, top, left + width, top + height))
    return picture[top:bottom, left:right]


def cell(picture, i, columns=COLUMNS):
    """The inside of a cell, without its lines."""
    row, column = divmod(i, columns)
    width = {10: 66, 7: 94}[columns]
    return part(picture, 4 + column * width + 2, 4 + row * 20 + 2, width - 4, 20 - 10 / 3)


def both(tokens, weights, unknown=None, columns=COLUMNS):
    return (
        pixels(draw_fast(tokens, weights, unknown, columns).png),
        pixels(draw_heatmap(tokens, weights, unknown, columns).png),
    )


def ink_of(box):
    """How far each pixel is from the ground of its box, 0 to 3."""
    return np.abs(box - box[0, 0]).sum(axis=2)


def alike(one, other):
    """How much ink two boxes share, 1 where all and 0 where none, shifted by 2 pixels at most."""
    width = min(one.shape[1], other.shape[1])
    one, other = ink_of(one)[:, :width], ink_of(other)[:, :width]
    shifted = [np.roll(other, (y, x), (0, 1)) for y in range(-2, 3) for x in range(-2, 3)]
    return max(np.corrcoef(one.ravel(), box.ravel())[0, 1] for box in shifted)


def assert_same(tokens, weights, unknown=None, columns=COLUMNS):
    """Same size; every cell of the same colour, with the same ink in the same places."""
    fast, reference = both(tokens, weights, unknown, columns)
    assert fast.shape == reference.shape
    levels = PLAIN.levels(weights)
    for i, token in enumerate(tokens):
        one, other = cell(fast, i, columns), cell(reference, i, columns)
        if not np.isnan(weights[i]):
            corner = one[0, 0]
            assert np.abs(corner - level_shade(int(levels[i]))).max() <= 1 / 255, token
            assert np.abs(corner - other[0, 0]).max() <= 1 / 255, token
            darkest = one.reshape(-1, 3)[np.abs(one - corner).sum(axis=2).argmax()]
            if len(token) > 1 and token.isalpha() and token.isascii():
                assert contrast(tuple(darkest), tuple(corner)) >= 4.5, token
        ink = [ink_of(box) for box in (one, other)]
        assert abs(ink[0].mean() - ink[1].mean()) <= 0.25 * ink[1].mean() + 0.02, token
        # The ink lies in the same place: its centre is within two device pixels.
        centres = [
            np.array([(grid * part).sum() / part.sum() for grid in np.indices(part.shape)])
            for part in ink
            if part.sum() > 0
        ]
        if len(centres) == 2:
            assert np.abs(centres[0] - centres[1]).max() <= 2, token


def test_it_is_the_reference_drawing():
    weights = np.random.default_rng(0).dirichlet(np.full(len(WORDS), 0.4)).astype(np.float32)
    assert_same(tuple(WORDS), weights)
    assert_same(tuple(WORDS), weights, columns=7)


def test_it_is_the_reference_drawing_of_real_reviews(real_data, tmp_path):
    from reportgen.corpus.dataset import Dataset, tokenized
    from reportgen.corpus.tokenizers import get_tokenizer

    tokenizer = get_tokenizer("basic_english")
    rng = np.random.default_rng(1)
    for example in Dataset.open(real_data / "imdb").read("test_200").examples[60:66]:
        tokens = tokenized(example, tokenizer).tokens
        weights = rng.dirichlet(np.full(len(tokens), 0.5)).astype(np.float32)
        assert_same(tokens, weights)


MARKS = (
    ("one", 0.3, False), ("two", 0.2, True), ("three", np.nan, False), ("four", 0.1, True),
    ("five", 0.1, False), ("six", 0.1, False), ("seven", np.nan, True), ("eight", np.nan, False),
    ("nine", 0.1, True), ("ten", 0.05, False), ("eleven", 0.05, True), ("twelve", np.nan, True),
)  # fmt: skip


def marked(columns):
    tokens, weights, unknown = zip(*MARKS, strict=True)
    return tokens, np.array(weights, dtype=np.float32), np.array(unknown), columns


@pytest.mark.parametrize("columns", [10, 7])
def test_only_unread_words_are_hatched(columns):
    picture = pixels(draw_fast(*marked(columns)).png)
    for i, (_, weight, _) in enumerate(MARKS):
        hatched = np.abs(cell(picture, i, columns) - HATCH).max(axis=2) < 1 / 255
        assert hatched.any() == np.isnan(weight), i
        if hatched.any():  # lines that rise to the right, on white
            rows, places = np.nonzero(hatched)
            assert len(set((rows + places) % 9)) == 1
            assert cell(picture, i, columns).max() == 1


@pytest.mark.parametrize("columns", [10, 7])
def test_only_unknown_words_are_underlined_where_the_layout_says(columns):
    tokens, weights, unknown, _ = marked(columns)
    plain = pixels(draw_fast(tokens, weights, None, columns).png)
    picture = pixels(draw_fast(tokens, weights, unknown, columns).png)
    for i, mark in enumerate(unknown):
        assert (cell(picture, i, columns) != cell(plain, i, columns)).any() == mark, i
    cells = grid(tokens, weights, unknown, columns)
    band = Band(cells, 0, cells.rows)
    body = slice(0, round(SCALE * band.bottom))
    drawn = (picture[body] != plain[body]).any(axis=2)
    wanted = np.zeros_like(drawn)
    lines = list(underlines(band))
    assert len(lines) == unknown.sum()
    for line in lines:
        box = part(wanted, line.x, line.y - 1, line.width, 2)
        box[:] = True
        changed = part(drawn, line.x, line.y - 1, line.width, 2)
        dotted = changed.any(axis=0)
        assert 0.3 < dotted.mean() < 0.5  # dots, and gaps between
        color = part(picture, line.x, line.y - 1, line.width, 4 / 3)[:, 0]
        assert np.abs(color - line.color).max() < 1 / 255
    assert not (drawn & ~wanted).any()


def test_lines_stand_between_the_cells_and_around_them():
    tokens, weights, _, columns = marked(7)
    picture = pixels(draw_fast(tokens, weights, None, columns).png)
    is_line = np.abs(picture - LINE).max(axis=2) < 1 / 255
    right, bottom = round(SCALE * (4 + 7 * 94)), round(SCALE * (4 + 2 * 20))
    assert np.flatnonzero(is_line[: bottom + 3, 6 : right + 1].all(axis=1)).tolist() == [6, 36, 66]
    upright = np.flatnonzero(is_line[6 : bottom + 1, : right + 3].all(axis=0))
    assert upright.tolist() == [6 + 141 * i for i in range(8)]


def test_every_level_has_an_ink_that_is_legible():
    weights = np.linspace(1, 0, 100, dtype=np.float32) / 50
    levels = PLAIN.levels(weights)
    assert set(levels.tolist()) == set(range(LEVELS))
    picture = pixels(draw_fast(("HHH",) * 100, weights).png)
    for i in range(100):
        box = cell(picture, i)
        darkest = box.reshape(-1, 3)[ink_of(box).argmax()]
        assert contrast(tuple(darkest), tuple(box[0, 0])) >= 4.49, levels[i]  # 8-bit colours


def test_a_long_word_ends_in_an_ellipsis_inside_its_cell():
    picture = pixels(draw_fast(("W" * 60, "…"), np.array([0.5, 0.5], dtype=np.float32)).png)
    columns = np.flatnonzero(ink_of(cell(picture, 0)).max(axis=0))
    assert 0 < columns.min() < columns.max() < 92
    below = ink_of(cell(picture, 0))[:, columns.max() - 8 : columns.max() + 1]
    assert not below[:13].any()  # three dots on the line, nothing above
    assert below[13:].any()


# The key


@pytest.mark.parametrize("columns", [10, 7])
def test_each_text_of_the_key_is_written_where_the_reference_has_it(columns):
    fast, reference = both(*marked(columns))
    tokens, weights, unknown, _ = marked(columns)
    cells = grid(tokens, weights, unknown, columns)
    top = Band(cells, 0, cells.rows).key_top
    texts = [shape for shape in key(cells) if isinstance(shape, Text)]
    assert len(texts) == 5
    for text in texts:
        box = text.x - 1, top + text.y - 7, 6 * len(text.text) + 2, 13
        written = [part(picture, *box) for picture in (fast, reference)]
        assert alike(*written) > 0.8, text.text
        for other in texts:  # and none of the others
            if other is not text:
                elsewhere = other.x - 1, top + other.y - 7, *box[2:]
                assert alike(written[0], part(reference, *elsewhere)) < 0.7, other.text


def test_the_keys_scale_runs_from_light_to_dark_and_its_signs_are_drawn():
    tokens, weights, unknown, columns = marked(10)
    fast, reference = both(tokens, weights, unknown, columns)
    top = 4 + 2 * 20 + 4
    for picture in (fast, reference):
        bar = part(picture, 117, top + 16, 86, 1)[0]
        assert np.abs(bar[0] - level_shade(0)).max() < 0.01
        assert np.abs(bar[-1] - level_shade(LEVELS - 1)).max() < 0.01
        assert (np.diff(bar.sum(axis=1)) <= 1e-9).all()
    box = part(fast, 344 + 162 + 1, top + 13, 22, 8)
    assert (np.abs(box - HATCH).max(axis=2) < 1 / 255).mean() == pytest.approx(1 / 9, abs=0.04)
    dots = part(fast, 344, top + 23, 24, 2)
    assert 0.2 < (dots.min(axis=2) < 0.5).any(axis=0).mean() < 0.6
    plain = pixels(draw_fast(tokens[:2], weights[:2]).png)
    assert (part(plain, 340, 28, 328, 34) == 1).all()  # nothing to explain


def test_missing_glyphs_are_reported():
    weights = np.array([1.0], dtype=np.float32)
    assert draw_fast(("a\U000f0000b",), weights).missing == {"\U000f0000"}
    assert draw_fast(("plain",), weights).missing == set()


@pytest.mark.parametrize("count", [0, 1, 10, 11, 2500])
def test_any_number_of_words(count):
    weights = np.full(count, 1 / max(count, 1), dtype=np.float32)
    drawn = draw_fast(("word",) * count, weights)
    assert (drawn.width, drawn.height) == layout.size(count)
    assert pixels(drawn.png).shape == (SCALE * drawn.height, SCALE * drawn.width, 3)


def test_the_same_input_gives_the_same_bytes():
    weights = np.array([0.25, 0.75], dtype=np.float32)
    assert draw_fast(("so", "be"), weights).png == draw_fast(("so", "be"), weights).png


@pytest.mark.parametrize("word", ["映画", "电影", "영화", "قصة", "שלום", "फ़िल्म", "😀"])
def test_every_script_is_written_where_a_font_has_it(word, tmp_path):
    """A word is drawn with its own glyphs, or its characters are named as missing."""
    inked, missing = WordInks(66).boxes([word])
    box, lacking = WordInks(66).boxes(["\U000f0000" * len(word)])
    assert inked.any()
    assert lacking == {"\U000f0000"}
    assert missing <= set(word)
    if not missing:
        assert not np.array_equal(inked, box)


def test_the_fonts_of_the_set_up_have_every_script():
    if not {"Noto Sans CJK JP", "Noto Sans Devanagari"} <= _installed():
        pytest.skip(
            "the Noto fonts are not installed: apt-get install fonts-noto-cjk fonts-noto-core"
        )
    for word in ("映画", "电影", "영화", "قصة", "שלום", "फ़िल्म"):
        assert WordInks(66).boxes([word])[1] == set(), word
