"""What a user may choose, and its defaults: one record for each stage, without I/O.

The command line takes its options' defaults from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from reportgen.errors import UsageError
from reportgen.languages import language_tag

__all__ = [
    "GALLERY",
    "PAPERS",
    "PDF_VARIANTS",
    "PRESETS",
    "SHADES",
    "DataOptions",
    "PredictOptions",
    "ReportOptions",
    "TrainingOptions",
    "TrainingSetup",
    "is_shades",
]

GALLERY = 25_000  # examples that a gallery shows where nothing else is asked
PAPERS = ("A4", "Letter")
SHADES = ("run", "text")  # or a number
PDF_VARIANTS = ("pdf/ua-1", "pdf/a-3b")  # accessible, or for an archive


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{name}={value!r}: one of {', '.join(choices)}")


def _check_count(name: str, value: object, least: int, *, none: bool = True) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if not whole and not (none and value is None):
        raise UsageError(
            f"{name}={value!r}: a whole number from {least} on{', or None' if none else ''}"
        )


def is_shades(value: object) -> bool:
    """Say whether ``ReportOptions.shades`` may have this value."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0 < value < math.inf
    return value in SHADES


@dataclass(frozen=True, slots=True)
class DataOptions:
    """Which data, and how its files are read.

    ``data`` is a folder, a file, ``imdb``, or None (sample). ``split`` None is ``test``, or a file
    under its own name. ``delimiter`` None is a comma in CSV and a tab in TSV files.
    """

    data: str | None = None
    split: str | None = None
    text_column: str = "text"
    label_column: str = "label"
    id_column: str = "id"
    unlabelled: bool = False
    delimiter: str | None = None
    encoding: str = "utf-8"
    on_bad_row: str = "error"
    limit: int | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        _check_choice("on_bad_row", self.on_bad_row, ("error", "skip"))
        _check_count("limit", self.limit, 1)
        _check_count("seed", self.seed, 0, none=False)


@dataclass(frozen=True, slots=True)
class PredictOptions:
    """How to predict. ``max_tokens`` None reads the whole text.

    ``tokenizer`` repeats the name of a checkpoint's custom tokenizer, to trust its code.
    ``explain`` is the number of examples whose attention is tested by removing words, None for all.
    ``model`` is a transformer (``hf:FOLDER`` or ``hf:NAME``) in place of a checkpoint; ``weights``
    says how its tokens are weighted, ``heads`` keeps the weights of each attention head too, and
    ``classes`` is what its classes are called (None: as its config says).
    """

    batch_size: int = 64
    device: str = "auto"
    max_tokens: int | None = None
    tokenizer: str | None = None
    explain: int | None = 50  # one takes about as long as the prediction of two hundred
    model: str | None = None
    weights: str | None = None
    heads: bool = False
    classes: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        _check_choice("device", self.device, ("auto", "cpu", "cuda"))
        _check_count("batch_size", self.batch_size, 1, none=False)
        _check_count("max_tokens", self.max_tokens, 1)
        _check_count("explain", self.explain, 0)


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What the report shows. ``pdf_examples`` None puts the whole gallery into the PDF.

    ``gallery`` None shows every example, up to ``GALLERY``. ``heatmap_engine`` is ``fast``, or
    ``seaborn`` for seaborn's own drawing of the same picture. ``pdf_cards`` is ``text``,
    ``heatmap`` or ``both``. ``paper`` is the size of the PDF's pages, ``pdf_variant`` the standard
    that it claims to follow. ``shades`` is ``run`` for one scale of shades in all texts, ``text``
    for one that ends at the largest weight of each, or where the darkest shade stands: a number of
    even shares of attention, of attributions their size. ``review`` asks reviewers about each
    example, in the PDF and on the page. ``language`` is that of the texts (BCP 47), where a row
    does not say its own.
    """

    unsure_margin: float = 0.2
    slices: tuple[str, ...] = ()
    pdf_examples: int | None = 120
    gallery: int | None = None
    single_file: bool = False
    heatmap_engine: str = "fast"
    pdf_cards: str = "both"
    paper: str = "A4"
    pdf_variant: str = "pdf/ua-1"
    shades: str | float = "run"
    review: bool = False
    language: str | None = None

    def __post_init__(self) -> None:
        _check_choice("heatmap_engine", self.heatmap_engine, ("fast", "seaborn"))
        _check_choice("pdf_cards", self.pdf_cards, ("both", "text", "heatmap"))
        _check_choice("paper", self.paper, PAPERS)
        _check_choice("pdf_variant", self.pdf_variant, PDF_VARIANTS)
        if not is_shades(self.shades):
            raise UsageError(f"shades={self.shades!r}: run, text, or a number above 0")
        if self.review and self.pdf_variant == "pdf/a-3b":
            raise UsageError(
                "review=True with pdf_variant='pdf/a-3b': a PDF for an archive must look the same"
                " for ever, so nothing can be filled in; leave out one of the two"
            )
        _check_count("pdf_examples", self.pdf_examples, 0)
        _check_count("gallery", self.gallery, 1)
        if not isinstance(self.unsure_margin, int | float) or not 0 <= self.unsure_margin <= 1:
            raise UsageError(f"unsure_margin={self.unsure_margin!r}: a number from 0 to 1")
        if self.language is not None:
            tag = language_tag(self.language)
            if tag is None:
                raise UsageError(
                    f"language={self.language!r}: not the tag of a language (BCP 47), such as en,"
                    " ja, pt-BR or ar"
                )
            object.__setattr__(self, "language", tag)
        if isinstance(self.slices, str):
            raise UsageError(f"slices={self.slices!r}: a list of names of columns")


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to train; the defaults are the ``default`` preset.

    ``max_length`` keeps the two ends of a longer text (None reads all of it); ``word_dropout``
    is the share of tokens replaced by the unknown word; ``average`` is the decay of the running
    mean of the weights (Polyak averaging), which is what is evaluated and saved (0 uses the last
    weights).
    """

    embedding_dim: int = 100
    hidden_size: int = 128
    num_layers: int = 1
    dropout: float = 0.5
    vocab_size: int = 25_000
    min_count: int = 2
    batch_size: int = 64
    epochs: int = 12
    patience: int = 3
    learning_rate: float = 1e-3
    clip: float = 1.0
    max_length: int | None = 400
    word_dropout: float = 0.2
    average: float = 0.998
    seed: int = 1


@dataclass(frozen=True, slots=True)
class TrainingSetup:
    """What training starts from and where it runs.

    ``vectors`` is a file or the name of word vectors, None for random ones; its ``vectors_vocab``
    most frequent words are known too, those that training never sees among them.
    ``valid_fraction`` is the share of split ``train`` that is held out, by class, where there is
    no split ``valid``.
    """

    tokenizer: str = "basic_english"
    vectors: str | None = None
    vectors_vocab: int = 20_000
    valid_fraction: float = 0.1
    device: str = "auto"


PRESETS = {
    "default": TrainingOptions(),
    # The model of the article that this project began with.
    "article": TrainingOptions(
        embedding_dim=300,
        hidden_size=512,
        num_layers=3,
        dropout=0.4,
        batch_size=32,
        epochs=5,
        max_length=None,
        min_count=1,
        word_dropout=0.0,
        average=0.0,
    ),
}
