"""Tags of languages, and which way their texts run."""

from __future__ import annotations

import pytest

from reportgen.errors import UsageError
from reportgen.languages import direction, language_of, language_tag
from reportgen.options import ReportOptions


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        ("en", "en"),
        (" JA ", "ja"),
        ("pt_br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("zh-yue", "zh-yue"),
        ("es-419", "es-419"),
        ("de-1996", "de-1996"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("ar-u-nu-latn", "ar-u-nu-latn"),
        ("en-x-mine", "en-x-mine"),
    ],
)
def test_tags_are_spelled_as_usual(given: str, tag: str) -> None:
    assert language_tag(given) == tag
    assert ReportOptions(language=given).language == tag


@pytest.mark.parametrize(
    "given", ["", "English", "e", "en-", "en--US", "en US", "12", "x-mine", "日本", "en\n(x)"]
)
def test_what_is_no_tag_is_refused(given: str) -> None:
    assert language_tag(given) is None
    with pytest.raises(UsageError, match="not the tag of a language"):
        ReportOptions(language=given)


@pytest.mark.parametrize(
    ("tag", "way"),
    [
        ("en", "ltr"), ("ja", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("fa-AF", "rtl"),
        ("az-Arab", "rtl"), ("ar-Latn", "ltr"), ("ur-Latn-PK", "ltr"), ("yi", "rtl"),
        ("dv", "rtl"), ("ckb-IQ", "rtl"), ("", "ltr"),
    ],
)  # fmt: skip
def test_the_direction_is_that_of_the_script(tag: str, way: str) -> None:
    assert direction(tag) == way


def test_a_row_goes_before_what_is_given() -> None:
    assert language_of({"language": "AR", "lang": "en"}, "ja") == "ar"
    assert language_of({"lang": "pt_BR"}, "ja") == "pt-BR"
    assert language_of({"language": "Japanese", "topic": "en"}, "ja") == "ja"
    assert language_of({"language": ""}) == ""
