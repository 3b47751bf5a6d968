import re
from typing import Any

import pytest

from reportgen.errors import UsageError
from reportgen.options import DataOptions, PredictOptions, ReportOptions

WRONG: list[tuple[type, dict[str, Any], str]] = [
    (ReportOptions, {"gallery": 0}, "gallery=0: a whole number from 1 on, or None"),
    (ReportOptions, {"pdf_examples": -1}, "pdf_examples=-1: a whole number from 0 on, or None"),
    (ReportOptions, {"gallery": 2.5}, "gallery=2.5: a whole number from 1 on, or None"),
    (ReportOptions, {"gallery": True}, "gallery=True: a whole number from 1 on, or None"),
    (ReportOptions, {"unsure_margin": 1.5}, "unsure_margin=1.5: a number from 0 to 1"),
    (ReportOptions, {"unsure_margin": float("nan")}, "unsure_margin=nan: a number from 0 to 1"),
    (ReportOptions, {"unsure_margin": "x"}, "unsure_margin='x': a number from 0 to 1"),
    (ReportOptions, {"slices": "topic"}, "slices='topic': a list of names of columns"),
    (ReportOptions, {"heatmap_engine": "slow"}, "heatmap_engine='slow': one of fast, seaborn"),
    (ReportOptions, {"paper": "A5"}, "paper='A5': one of A4, Letter"),
    (ReportOptions, {"pdf_variant": "pdf/x"}, "pdf_variant='pdf/x': one of pdf/ua-1, pdf/a-3b"),
    (
        ReportOptions,
        {"review": True, "pdf_variant": "pdf/a-3b"},
        "review=True with pdf_variant='pdf/a-3b': a PDF for an archive must look the same for ever,"
        " so nothing can be filled in; leave out one of the two",
    ),
    (DataOptions, {"limit": 0}, "limit=0: a whole number from 1 on, or None"),
    (DataOptions, {"seed": None}, "seed=None: a whole number from 0 on"),
    (DataOptions, {"on_bad_row": "drop"}, "on_bad_row='drop': one of error, skip"),
    (PredictOptions, {"device": "tpu"}, "device='tpu': one of auto, cpu, cuda"),
    (PredictOptions, {"batch_size": 0}, "batch_size=0: a whole number from 1 on"),
    (PredictOptions, {"explain": -1}, "explain=-1: a whole number from 0 on, or None"),
    (PredictOptions, {"max_tokens": 0}, "max_tokens=0: a whole number from 1 on, or None"),
]


@pytest.mark.parametrize(("record", "given", "message"), WRONG)
def test_a_value_out_of_range_is_refused(record: type, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        record(**given)


def test_the_ends_of_the_ranges_are_accepted() -> None:
    ReportOptions(unsure_margin=0, pdf_examples=0, gallery=1)
    ReportOptions(unsure_margin=1, pdf_examples=None, gallery=None, slices=("topic",))
    DataOptions(limit=1, seed=0, on_bad_row="skip")
    PredictOptions(batch_size=1, max_tokens=1, explain=0, device="cuda")
