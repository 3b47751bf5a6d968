"""Delimiters and encodings: as Excel writes them, and what an error advises."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from reportgen.corpus import advice
from reportgen.corpus.advice import guess_encoding
from reportgen.corpus.dataset import Dataset
from reportgen.corpus.reading import Reading
from reportgen.errors import DataError, UsageError
from tests.corpus.conftest import Write

GERMAN = 'text;label\r\nSchön und gut;positive\r\n"Nicht gut; ""leider""";négative\r\n'
ROWS = [("Schön und gut", "positive"), ('Nicht gut; "leider"', "négative")]
RUSSIAN = "text,label\nХороший фильм,да\nПлохой фильм,нет\n"


def read(data: Path, split: str = "test", **options: str) -> list[tuple[str, str | None]]:
    examples = Dataset.open(data, Reading(**options)).read(split).examples  # type: ignore[arg-type]
    return [(e.text, e.label) for e in examples]


def problem(data: Path, split: str = "test", **options: str) -> str:
    with pytest.raises(DataError) as caught:
        read(data, split, **options)
    return str(caught.value).replace(f"{data}/", "")


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (GERMAN.encode("cp1252"), {"delimiter": ";", "encoding": "cp1252"}),
        (GERMAN.encode("utf-8-sig"), {"delimiter": ";"}),
        (GERMAN.encode("utf-8-sig"), {"delimiter": ";", "encoding": "utf-8-sig"}),
        (GERMAN.encode("utf-16"), {"delimiter": ";", "encoding": "utf-16"}),
        (GERMAN.encode("utf-16-le"), {"delimiter": ";", "encoding": "UTF-16LE"}),
        (codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"), {"delimiter": ";", "encoding": "utf16"}),
        (("sep=;\r\n" + GERMAN).encode(), {}),
        (("sep=;\r\n" + GERMAN).encode("utf-16"), {"encoding": "utf-16"}),
    ],
)
@pytest.mark.parametrize("gz", ["", ".gz"])
def test_what_excel_writes(
    data: Path, write: Write, content: bytes, options: dict[str, str], gz: str
) -> None:
    write(f"test.csv{gz}", content)
    assert read(data, **options) == ROWS


def test_the_delimiter_is_that_of_tsv_files_too_and_the_encoding_of_every_text(
    data: Path, write: Write
) -> None:
    write("tsv.tsv", GERMAN.encode("cp1252"))
    write("lines.jsonl", '{"text": "Schön", "label": "é"}\n'.encode("cp1252"))
    write("folder/ja/1.txt", "Schön".encode("cp1252"))
    options = {"delimiter": ";", "encoding": "cp1252"}
    assert read(data, "tsv", **options) == ROWS
    assert read(data, "lines", **options) == [("Schön", "é")]
    assert read(data, "folder", **options) == [("Schön", "ja")]


def test_the_line_of_a_bad_row_counts_the_line_that_names_the_separator(
    data: Path, write: Write
) -> None:
    write("test.csv", "sep=;\ntext;label\nfine;pos\nbad\n")
    assert problem(data) == "test.csv:4: too few fields: 1, and the header has 2"
    write("test.csv", 'sep=;\ntext;label\nfine;"pos\nbad\n')
    assert problem(data) == (
        "test.csv:3: broken row (unexpected end of data; it goes on to line 4)"
    )
    write("test.csv", "sep=,\ntext;label\nfine;pos\n")
    assert read(data, delimiter=";") == [("fine", "pos")]
    write("test.csv", "sep=;\ntext;stars\nfine;1\n")
    assert problem(data).startswith("test.csv:2: no column 'label' (available: text, stars)")


# --- what an error advises ---


@pytest.mark.parametrize(
    ("name", "content", "place", "message"),
    [
        (
            "test.csv",
            GERMAN.encode("cp1252"),
            ":1",
            "no column 'text' (available: text;label); read it with"
            " --delimiter ';' --encoding cp1252",
        ),
        (
            "test.csv",
            GERMAN.encode(),
            ":1",
            "no column 'text' (available: text;label); read it with --delimiter ';'",
        ),
        (
            "test.csv",
            GERMAN.encode("utf-16"),
            ":1",
            "not UTF-8 (byte 0xff); read it with --delimiter ';' --encoding utf-16",
        ),
        (
            "test.csv",
            GERMAN.replace(";", "\t").encode("utf-16-be"),
            ":1",
            "NUL characters, as in UTF-16; read it with --delimiter tab --encoding utf-16-be",
        ),
        (
            "test.csv",
            b"text\tlabel\nfine\tpos\n",
            ":1",
            "no column 'text' (available: text\tlabel); read it with --delimiter tab",
        ),
        (
            "test.csv",
            b"text|label\nfine|pos\n",
            ":1",
            "no column 'text' (available: text|label); read it with --delimiter '|'",
        ),
        (
            "test.csv",
            "text,label,café\nfine,pos,1\n".encode("cp1252"),
            ":1",
            "not UTF-8 (byte 0xe9); read it with --encoding cp1252",
        ),
        (
            "test.csv",
            "text,label\nfine,pos\ncafé,pos\n".encode("cp1252"),
            ":3",
            "not UTF-8 (byte 0xe9); try --encoding cp1252 or use --on-bad-row skip",
        ),
        (
            "test.csv",
            RUSSIAN.encode("cp1251"),
            ":2",
            "not UTF-8 (byte 0xd5); name the encoding of the file, as in --encoding cp1251",
        ),
        (
            "test.csv",
            "text,label\ncafé über,pos\nna\xff,pos\n".encode().replace("ÿ".encode(), b"\xe9"),
            ":3",
            "broken UTF-8 (byte 0xe9); save the file as UTF-8 or use --on-bad-row skip",
        ),
        (
            "test.jsonl",
            '{"text": "café", "label": "pos"}\n'.encode("utf-16"),
            ":1",
            "not UTF-8 (byte 0xff); try --encoding utf-16 or use --on-bad-row skip",
        ),
        (
            "test.jsonl",
            '{"text": "cafe", "label": "pos"}\n'.encode("utf-16-le"),
            ":1",
            "NUL characters, as in UTF-16; use --encoding utf-16-le",
        ),
        (
            "test.jsonl",
            b'{"text": "a", "label": "pos"}\n{\0\0\0\0\0}\n',
            ":2",
            "NUL characters, as in UTF-16; save the file as UTF-8",
        ),
        (
            "test/pos/a.txt",
            "so\ncafé".encode("cp1252"),
            ":2",
            "not UTF-8 (byte 0xe9); try --encoding cp1252 or use --on-bad-row skip",
        ),
    ],
)
def test_an_error_names_the_option_and_its_value(
    data: Path, write: Write, name: str, content: bytes, place: str, message: str
) -> None:
    write(name, content)
    assert problem(data) == f"{name}{place}: {message}"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (
            GERMAN.encode(),
            {"delimiter": ";", "encoding": "utf-16-le"},
            "read it with --encoding utf-8",
        ),
        (
            GERMAN.encode(),
            {"delimiter": ";", "encoding": "utf-16"},
            "cannot be read with --encoding utf-16 (UTF-16 stream does not start with BOM);"
            " try --encoding utf-8",
        ),
        (
            "text,label,café\na,pos,1\n".encode(),
            {"encoding": "ascii"},
            "read it with --encoding utf-8",
        ),
        (GERMAN.encode(), {"delimiter": "\t"}, "read it with --delimiter ';'"),
        (GERMAN.encode("cp1252"), {"encoding": "cp1252"}, "read it with --delimiter ';'"),
        (b"text;label\nfine;pos\n", {"encoding": "cp1252"}, "read it with --delimiter ';'"),
        (b"words,label\na,b\n", {"encoding": "cp1252"}, "name it with --text-column"),
        (
            b"text,label\nca\x81,pos\n",
            {"encoding": "cp1252"},
            "byte 0x81 does not fit --encoding cp1252; name the encoding of the file, as in"
            " --encoding cp1251",
        ),
        (
            "text,label\ncafé über à la,pos\n".encode(),
            {"encoding": "ascii"},
            "byte 0xc3 does not fit --encoding ascii; try --encoding utf-8 or use --on-bad-row"
            " skip",
        ),
    ],
)
def test_options_that_are_wrong(
    data: Path, write: Write, content: bytes, options: dict[str, str], message: str
) -> None:
    write("test.csv", content)
    assert problem(data, **options).endswith(f" {message}")


@pytest.mark.parametrize("encoding", ["idna", "undefined", "punycode"])
def test_an_encoding_that_cannot_go_on_after_a_bad_byte(
    data: Path, write: Write, encoding: str
) -> None:
    write("test.csv", b"text,label\ncaf\xe9..\xff-,pos\n")
    write("lines.jsonl", b'{"text": "caf\xe9..\xff-", "label": "pos"}\n')
    write("folder/pos/a.txt", b"caf\xe9..\xff-")
    for split in ("test", "lines", "folder"):
        assert f"with --encoding {encoding} (" in problem(data, split, encoding=encoding)


def test_only_rows_whose_bytes_do_not_fit_are_bad(data: Path, write: Write) -> None:
    rows = ["text,label", "日本,pos", "東京,neg", "大阪,pos"]
    content = "\n".join(rows).encode("shift_jis").replace("東".encode("shift_jis"), b"\x93\x01")
    write("test.csv", content)
    reading = Reading(encoding="shift_jis")
    split = Dataset.open(data, reading, "skip").read("test")
    assert [e.text for e in split.examples] == ["日本", "大阪"]
    (skipped,) = split.skipped
    assert (skipped.line, skipped.reason.split(";")[0]) == (
        3,
        "byte 0x93 does not fit --encoding shift_jis",
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": ""}, "--delimiter '': give one character, such as ';', or the word tab"),
        ({"delimiter": ";;"}, "--delimiter ';;': give one character, such as ';', or the word tab"),
        ({"delimiter": '"'}, "--delimiter '\"': give one character, such as ';', or the word tab"),
        ({"delimiter": "\0"}, r"--delimiter '\x00': give one character"),
        ({"encoding": "klingon"}, "--encoding 'klingon' is unknown; give a name such as cp1252"),
        ({"encoding": ""}, "--encoding '' is unknown"),
        ({"encoding": "base64"}, "--encoding 'base64' is unknown"),
        ({"encoding": "a\0b"}, r"--encoding 'a\x00b' is unknown"),
        ({"encoding": "\udcff"}, r"--encoding '\udcff' is unknown"),
        ({"encoding": "../utf_8"}, "--encoding '../utf_8' is unknown"),
    ],
)
def test_options_that_cannot_be_used(options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Reading(**options)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("delimiter", [" ", "§", "😀", "a", "\x01", "\ud800"])
def test_any_one_character_may_be_the_delimiter(data: Path, write: Write, delimiter: str) -> None:
    write("test.csv", f"text{delimiter}label\n".encode("utf-8", "surrogatepass"))
    with pytest.raises(DataError):
        read(data, delimiter=delimiter)


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (b"", "utf-8"),
        (b"plain", "utf-8"),
        ("Schön".encode(), "utf-8"),
        ("Schön".encode()[:4], "cp1252"),
        (("Schön " * 9).encode()[:-4], "utf-8"),
        ("“Schön” für 5 €".encode("cp1252"), "cp1252"),
        ("Хороший".encode("cp1251"), None),
        ("とても良い映画".encode("shift_jis"), None),
        (b"caf\x81e", None),
        (codecs.BOM_UTF8 + b"a", "utf-8"),
        ("a".encode("utf-16"), "utf-16"),
        ("a".encode("utf-32"), "utf-32"),
    ],
)
def test_encodings_are_told_apart(sample: bytes, name: str | None) -> None:
    assert guess_encoding(sample) == name


def test_the_file_is_looked_at_once_for_all_its_bad_rows(
    data: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("test.csv", b"text,label\nfine,pos\n" + "café,pos\n".encode("cp1252") * 50)
    calls: list[bytes] = []

    def guess(sample: bytes) -> str:
        calls.append(sample)
        return "cp1252"

    monkeypatch.setattr(advice, "guess_encoding", guess)
    split = Dataset.open(data, on_bad_row="skip").read("test")
    assert (len(split.skipped), len(calls)) == (50, 1)
