"""The fields of the PDF that reviewers answer in: what each is called, and the font they share."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
import pydyf
from fontTools.ttLib import TTFont

from reportgen.publish.archive import json_bytes
from reportgen.publish.cards import Card
from reportgen.publish.words import questions as words

__all__ = [
    "Field",
    "card_fields",
    "cover_fields",
    "fields_file",
    "finish_fields",
    "share_field_font",
]

FONT = "Answers"  # the name of the fields' font
FIRST, LAST = 32, 255  # its codes
NONSYMBOLIC = 1 << 5


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the PDF, the text beside it, and what a reader hears of it.

    ``answers`` are what can be chosen; of a field without any, ``lines`` is how many lines of text
    it shows.
    """

    name: str
    short: str
    tip: str
    answers: tuple[str, ...] = ()
    lines: int = 2

    @property
    def choose(self) -> str:
        """What a choice shows that has no answer yet."""
        return words.CHOOSE


def card_fields(card: Card, place: int) -> tuple[Field, ...]:
    """Return the fields of the card at this place in the PDF, from 1 on, through all volumes."""
    number = words.field_number(place)
    return tuple(
        Field(
            words.field_name(question.key, number),
            question.asked,
            words.tip(question, card.id),
            question.answers,
        )
        for question in words.asked_of(card.label is not None, card.weighted)
    )


def cover_fields() -> tuple[Field, ...]:
    """Return the fields of the cover."""
    return tuple(
        Field(words.reviewer_field(key), short, short, lines=1)
        for key, short in words.REVIEWER.items()
    )


def fields_file(run_hash: str, ids: Sequence[str], first: int) -> bytes:
    """Return the file that says which example has which number, attached to each volume."""
    numbers = {words.field_number(place): id_ for place, id_ in enumerate(ids, first)}
    return json_bytes(
        {
            "format": words.FIELDS_FORMAT,
            "version": words.VERSION,
            "run": run_hash,
            "fields": numbers,
        }
    )


def finish_fields(document: Any, pdf: pydyf.PDF) -> None:
    """Give the fields of a document a font that every program can write with.

    WeasyPrint's is addressed by glyphs, which most programs that fill in forms take for letters.
    This one has the same file and the letters of Windows' Latin encoding. ``document`` is a
    Document of WeasyPrint, ``pdf`` what it is about to write.
    """
    form = pdf.catalog.get("AcroForm")
    fonts = [font for font in document.fonts.values() if font.used_in_forms]
    if form is None or not fonts:
        return
    by_reference = {entry.reference: entry for entry in pdf.objects}
    font = _latin_font(pdf, by_reference, fonts[0])
    for entry in pdf.objects:  # WeasyPrint's own, which no page uses
        if isinstance(entry, pydyf.Dictionary):
            entry.pop(fonts[0].hash, None)
    form["DR"] = pydyf.Dictionary({"Font": pydyf.Dictionary({FONT: font.reference})})
    for reference in form["Fields"]:
        field = by_reference[reference]
        left, top, right, bottom = field["Rect"]
        field["Rect"] = pydyf.Array([left, bottom, right, top])
        field["DA"] = pydyf.String(_appearance(field["DA"].string))


def share_field_font(whole: pikepdf.Pdf) -> None:
    """Let all fields of a document that was joined of parts write with the font of the first."""
    none, name = pikepdf.Dictionary(), f"/{FONT}"
    form = whole.Root.get("/AcroForm", none)
    font = form.get("/DR", none).get("/Font", none).get(name)
    if font is None:
        return
    form.DR = pikepdf.Dictionary(Font=pikepdf.Dictionary({name: font}))
    for field in form.Fields:
        field.DA = pikepdf.String(re.sub(rf"{name}\w*", name, str(field.DA)))


def _appearance(written: bytes | str) -> str:
    """Return the font, size and colour of a field, from what WeasyPrint wrote of them."""
    text = written.decode() if isinstance(written, bytes) else written
    size, color = re.search(r"([\d.]+) Tf", text), re.search(r"[\d.]+ [\d.]+ [\d.]+ rg", text)
    return f"/{FONT} {size[1] if size else 0} Tf {color[0] if color else '0 g'}"  # size 0: to fit


def _latin_font(pdf: pydyf.PDF, objects: Mapping[bytes, Any], font: Any) -> Any:
    """Return WeasyPrint's font as a simple one, in the encoding WinAnsi."""
    composite = next(
        entry
        for entry in pdf.objects
        if isinstance(entry, pydyf.Dictionary) and entry.get("BaseFont") == font.name
        if "DescendantFonts" in entry
    )
    descendant = objects[composite["DescendantFonts"][0]]
    descriptor = pydyf.Dictionary({**objects[descendant["FontDescriptor"]], "Flags": NONSYMBOLIC})
    pdf.add_object(descriptor)
    latin = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/TrueType",
            "BaseFont": font.name,
            "Encoding": "/WinAnsiEncoding",
            "FirstChar": FIRST,
            "LastChar": LAST,
            "Widths": pydyf.Array(_widths(font.file_content)),
            "FontDescriptor": descriptor.reference,
        }
    )
    pdf.add_object(latin)
    return latin


def _widths(content: bytes) -> list[int]:
    """Return the widths of the letters of WinAnsi, in thousandths of the size of the font."""
    with TTFont(io.BytesIO(content)) as face:
        names, advances = face.getBestCmap(), face["hmtx"].metrics
        unit = 1000 / face["head"].unitsPerEm
    letters = (bytes([code]).decode("cp1252", "replace") for code in range(FIRST, LAST + 1))
    return [
        round(unit * advances[names[ord(letter)]][0]) if ord(letter) in names else 0
        for letter in letters
    ]
