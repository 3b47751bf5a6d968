import io

import numpy as np
import pytest
from PIL import Image

from reportgen.figures import layout
from reportgen.figures.fast_heatmap import CELL_H, CELL_W, EDGE, draw_fast, word_ink
from reportgen.figures.fonts import families
from reportgen.figures.heatmap import draw_heatmap
from reportgen.figures.layout import COLUMNS, SCALE
from reportgen.figures.palette import contrast, shade

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


def cell(picture, i):
    row, column = divmod(i, COLUMNS)
    top, left = EDGE + row * CELL_H, EDGE + column * CELL_W
    return picture[top + 3 : top + CELL_H - 2, left + 3 : left + CELL_W - 3]


def both(tokens, weights, unknown=None):
    return (
        pixels(draw_fast(tokens, weights, unknown).png),
        pixels(draw_heatmap(tokens, weights, unknown).png),
    )


def assert_same(tokens, weights, unknown=None):
    """Same size; every cell of the same colour within one of 32 steps, with the same ink in it."""
    fast, reference = both(tokens, weights, unknown)
    assert fast.shape == reference.shape
    step = max(np.abs(np.subtract(shade(i / 31), shade((i + 1) / 31))).max() for i in range(31))
    share = layout.shares(weights)
    for i, token in enumerate(tokens):
        one, other = cell(fast, i), cell(reference, i)
        if not np.isnan(weights[i]):
            corner = one[0, 0]
            assert np.abs(corner - shade(share[i])).max() <= step, token
            assert np.abs(corner - other[0, 0]).max() <= step, token
            darkest = one.reshape(-1, 3)[np.abs(one - corner).sum(axis=2).argmax()]
            if len(token) > 1 and token.isalpha() and token.isascii():
                assert contrast(tuple(darkest), tuple(corner)) >= 4.5, token
        ink = [np.abs(part - part[0, 0]).sum(axis=2) for part in (one, other)]
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


def test_it_is_the_reference_drawing_of_real_reviews(real_data, tmp_path):
    from reportgen.corpus.dataset import Dataset, tokenized
    from reportgen.corpus.tokenizers import get_tokenizer

    tokenizer = get_tokenizer("basic_english")
    rng = np.random.default_rng(1)
    for example in Dataset.open(real_data / "imdb").read("test_200").examples[60:66]:
        tokens = tokenized(example, tokenizer).tokens
        weights = rng.dirichlet(np.full(len(tokens), 0.5)).astype(np.float32)
        assert_same(tokens, weights)


def test_unknown_words_are_underlined_and_unread_ones_hatched():
    tokens = ("known", "unknown", "unread")
    weights = np.array([0.5, 0.5, np.nan], dtype=np.float32)
    plain = pixels(draw_fast(tokens, weights).png)
    marked = pixels(draw_fast(tokens, weights, np.array([False, True, False])).png)
    assert (cell(plain, 0) == cell(marked, 0)).all()
    changed = (cell(plain, 1) != cell(marked, 1)).any(axis=2)
    assert 0.2 < changed.any(axis=0).mean() < 0.5
    assert changed.any(axis=1).sum() == 2
    corner = cell(plain, 2)[:5, :30].reshape(-1, 3)
    assert len(np.unique(corner, axis=0)) == 2
    assert corner.max() == 1


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
    inked, missing = word_ink(word)
    box, lacking = word_ink("\U000f0000" * len(word))
    assert inked.any()
    assert lacking == {"\U000f0000"}
    assert missing <= set(word)
    if not missing:
        assert not np.array_equal(inked, box)


def test_the_fonts_of_the_set_up_have_every_script():
    if not {"Noto Sans CJK JP", "Noto Sans Devanagari"} <= set(families()):
        pytest.skip(
            "the Noto fonts are not installed: apt-get install fonts-noto-cjk fonts-noto-core"
        )
    for word in ("映画", "电影", "영화", "قصة", "שלום", "फ़िल्म"):
        assert word_ink(word)[1] == set(), word
