"""PDFs and exports as reviewers get and return them, small and made here."""

from __future__ import annotations

import hashlib
import html
import io
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pypdf
import weasyprint
from pypdf.generic import NameObject, TextStringObject

from reportgen.publish.words.questions import (
    ANSWERS_FORMAT,
    CHOOSE,
    FIELDS_FILE,
    FIELDS_FORMAT,
    QUESTIONS,
    REVIEWER,
    VERSION,
    field_name,
    field_number,
    reviewer_field,
)

Given = Mapping[str, Mapping[str, str]]


def run_hash(run: Path) -> str:
    return hashlib.sha256((run / "inputs.json").read_bytes()).hexdigest()


def fields_json(run: str, numbers: Mapping[str, str], **changes: Any) -> bytes:
    value = {"format": FIELDS_FORMAT, "version": VERSION, "run": run, "fields": dict(numbers)}
    return json.dumps({**value, **changes}).encode()


def form(numbers: Sequence[str]) -> str:
    """The fields of a cover and of these numbers, as HTML."""
    parts = [f'<p><input type=text name="{reviewer_field(key)}">' for key in REVIEWER]
    for number in numbers:
        for question in QUESTIONS:
            name = field_name(question.key, number)
            if question.answers:
                options = "".join(f'<option value="{a}">{a}</option>' for a in question.answers)
                parts.append(
                    f'<p><select name="{name}"><option value="">{CHOOSE}</option>{options}</select>'
                )
            else:
                parts.append(f'<p><textarea name="{name}"></textarea>')
    return "".join(parts)


def document(body: str, attached: Mapping[str, bytes], forms: bool = True) -> bytes:
    page = f"<html lang=en><title>paper</title><body><form>{body}</form></body></html>"
    files = [weasyprint.Attachment(string=data, name=name) for name, data in attached.items()]
    made = weasyprint.HTML(string=page).write_pdf(pdf_forms=forms, attachments=files)
    assert isinstance(made, bytes)
    return made


def paper(run: Path, ids: Sequence[str], first: int = 1) -> bytes:
    """An empty PDF with fields for these examples, as of a volume that begins with ``first``."""
    numbers = {field_number(first + i): id_ for i, id_ in enumerate(ids)}
    attached = {
        "inputs.json": (run / "inputs.json").read_bytes(),
        FIELDS_FILE: fields_json(run_hash(run), numbers),
    }
    return document(form(list(numbers)), attached)


def values(pdf: bytes, answers: Given, name: str = "", date: str = "") -> dict[str, str]:
    """The values of fields by their names, for the examples that the PDF maps."""
    numbers = {id_: number for number, id_ in mapped(pdf).items()}
    found = {
        field_name(key, numbers[id_]): text
        for id_, given in answers.items()
        for key, text in given.items()
    }
    reviewer = {reviewer_field("name"): name, reviewer_field("date"): date}
    return {**found, **{key: text for key, text in reviewer.items() if text}}


def mapped(pdf: bytes) -> dict[str, str]:
    content = pypdf.PdfReader(io.BytesIO(pdf)).attachments[FIELDS_FILE][0]
    fields = json.loads(content)["fields"]
    assert isinstance(fields, dict)
    return fields


def by_pypdf(pdf: bytes, fields: Mapping[str, str]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    for page in writer.pages:
        writer.update_page_form_field_values(page, dict(fields))
    return written(writer)


def by_viewer(pdf: bytes, fields: Mapping[str, str]) -> bytes:
    """Set values as a program does that keeps the file and appends what changed."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf), incremental=True)
    form = writer.root_object["/AcroForm"].get_object()
    for reference in form["/Fields"]:  # type: ignore[index]
        field = reference.get_object()
        if field["/T"] in fields:
            field[NameObject("/V")] = TextStringObject(fields[field["/T"]])
    return written(writer)


def by_pikepdf(pdf: bytes, fields: Mapping[str, str]) -> bytes:
    import pikepdf

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for field in opened.Root.AcroForm.Fields:
            if str(field.T) in fields:
                field.V = pikepdf.String(fields[str(field.T)])
        opened.save(target)
    return target.getvalue()


def by_pdftk(pdf: bytes, fields: Mapping[str, str], folder: Path) -> bytes:
    assert shutil.which("pdftk")
    (folder / "empty.pdf").write_bytes(pdf)
    rows = "".join(
        f'<field name="{html.escape(name)}"><value>{html.escape(text)}</value></field>'
        for name, text in fields.items()
    )
    xfdf = f'<xfdf xmlns="http://ns.adobe.com/xfdf/"><fields>{rows}</fields></xfdf>'
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    (folder / "values.xfdf").write_text(head + xfdf, encoding="utf-8")
    command = ["pdftk", "empty.pdf", "fill_form", "values.xfdf", "output", "filled.pdf"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    return (folder / "filled.pdf").read_bytes()


def written(writer: pypdf.PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def export(run: str, answers: Given, name: str = "", date: str = "", /, **changes: Any) -> bytes:
    """The answers of the page, as it exports them."""
    value = {
        "format": ANSWERS_FORMAT,
        "version": VERSION,
        "run": run,
        "experiment": "trial",
        "split": "test",
        "reviewer": {"name": name, "date": date},
        "answers": answers,
    }
    return json.dumps({**value, **changes}, ensure_ascii=False).encode()
