"""Heatmaps: the fast engine against ``sns.heatmap`` as one calls it, and the article's call."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from parts import median, some
from reportgen.records import Prediction

ROWS, BY_SEABORN, BY_ARTICLE = 200, 20, 5
COLUMNS = 10


def heatmaps(table: Path, checkpoint: Path) -> Iterator[str]:
    """Compare the time of a picture, the writing of its file included."""
    from reportgen.figures.fast_heatmap import draw_fast
    from reportgen.figures.heatmap import draw_heatmap

    rows = some(table, ROWS)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "x.png")
        sizes: list[int] = []

        def engine(draw: Callable[..., object], chosen: Sequence[Prediction]) -> None:
            sizes.clear()
            for row in chosen:
                png = draw(row.tokens, row.attention, row.unknown).png  # type: ignore[attr-defined]
                sizes.append(target.write_bytes(png))

        def call(draw: Callable[[Prediction, Path], None], chosen: Sequence[Prediction]) -> None:
            for row in chosen:
                draw(row, target)

        reference = median(lambda: engine(draw_heatmap, rows[:BY_SEABORN])) / BY_SEABORN
        user = median(lambda: call(_as_a_user, rows[:BY_SEABORN])) / BY_SEABORN
        article = median(lambda: call(_as_the_article, rows[:BY_ARTICLE]), 1) / BY_ARTICLE
        ours = median(lambda: engine(draw_fast, rows)) / len(rows)
    count = np.median([len(row.tokens) for row in rows])
    yield "## Heatmaps\n"
    yield f"{len(rows)} reviews (median {count:.0f} tokens), one thread, file writing included.\n"
    yield "| way | ms a review | slower than ours |\n|---|---|---|"
    yield f"| fast engine | {1e3 * ours:.1f} | 1 |"
    for what, number, seconds in (
        ("`sns.heatmap` of the same grid, as one would call it", BY_SEABORN, user),
        ("our `--heatmap-engine seaborn`, the same picture as ours", BY_SEABORN, reference),
        ("the article's call: one row, one inch per word", BY_ARTICLE, article),
    ):
        yield f"| {what} ({number} of them) | {1e3 * seconds:,.0f} | {seconds / ours:.0f} |"
    yield (
        f"\nFile size: mean {np.mean(sizes) / 1e3:.1f} KB, median {np.median(sizes) / 1e3:.1f} KB,"
        f" largest {max(sizes) / 1e3:.0f} KB.\n"
    )


def _as_a_user(row: Prediction, target: Path) -> None:
    """Wrap the words into rows of ten and call seaborn with its defaults."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    height = -(-len(row.tokens) // COLUMNS)
    words = np.full(height * COLUMNS, "", dtype=object)
    weights = np.full(height * COLUMNS, np.nan)
    words[: len(row.tokens)], weights[: len(row.tokens)] = row.tokens, row.attention
    figure, axes = plt.subplots(figsize=(6.7, 0.2 * height + 0.4), dpi=150)
    sns.heatmap(
        weights.reshape(height, COLUMNS), annot=words.reshape(height, COLUMNS), fmt="",
        cmap="Blues", annot_kws={"size": 7}, xticklabels=False, yticklabels=False, ax=axes,
    )  # fmt: skip
    figure.savefig(target)
    plt.close(figure)


def _as_the_article(row: Prediction, target: Path) -> None:
    import matplotlib.pyplot as plt
    import seaborn as sns

    figure, axes = plt.subplots(figsize=(len(row.tokens), 1))
    words = np.array([row.tokens])
    sns.heatmap(row.attention[None], annot=words, fmt="", cmap="Blues", ax=axes)
    figure.savefig(target)
    plt.close(figure)
