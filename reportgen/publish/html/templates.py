"""Fill the templates with records. The only file that knows Jinja2."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from reportgen.characters import space_marks
from reportgen.errors import RenderError
from reportgen.figures.scales import LEVELS, SIDE
from reportgen.languages import direction
from reportgen.publish.pieces import Piece
from reportgen.publish.words.cards import SECOND_LOOK, WARNINGS
from reportgen.publish.words.numbers import counted, decimal, interval, percent, points, small

__all__ = ["POLICY", "TEMPLATES", "render", "single_policy"]

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; script-src 'self';"
    " base-uri 'none'; form-action 'none'"
)
# The style of each level: of attention, and of what raised (p) or lowered (m) the answer.
SHADES = {level: f"s{level}" for level in range(1, LEVELS)}
SIGNED_SHADES = {
    level: f"{'p' if level > 0 else 'm'}{abs(level)}" for level in range(-SIDE, SIDE + 1)
}
WORD = 32  # characters of a text that is kept, escaped
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def single_policy(style: str, scripts: Iterable[str]) -> str:
    """Return the Content-Security-Policy of one file: only these inline texts, data: pictures."""

    def hashed(text: str) -> str:
        digest = hashlib.sha256(text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    allowed = " ".join(map(hashed, scripts))
    return (
        f"default-src 'none'; img-src data:; style-src {hashed(style)}; font-src data:;"
        f" script-src {allowed}; base-uri 'none'; form-action 'none'"
    )


def token_map(pieces: Iterable[Piece], signed: bool = False) -> Markup:
    """Write a text with one element per token; here and not in a template for its speed."""
    shades = SIGNED_SHADES if signed else SHADES
    return Markup("".join([_piece(piece, shades) for piece in pieces]))


def _piece(piece: Piece, shades: Mapping[int, str]) -> str:
    if not piece.token:
        return _escaped(piece.text)
    names = [shades[piece.level]] if piece.level else []
    if piece.unknown:
        names.append("u")
    if piece.weight is None:
        names.append("n")
    shade = f' class="{" ".join(names)}"' if names else ""
    return f"<i{shade}{_content(piece.text)}</i>"


def _content(text: str) -> str:
    """Write what follows the shade of a token: white space has a mark."""
    marks = None if text[:1].isalnum() else space_marks(text)
    return f' data-mark="{marks}">{_escaped(text)}' if marks else f">{_escaped(text)}"


def _escaped(text: str) -> str:
    return _escape_word(text) if len(text) <= WORD else str(escape(text))


@lru_cache(maxsize=65_536)  # texts consist of few words, and to look one up is quicker
def _escape_word(text: str) -> str:
    return str(escape(text))


def language(tag: str) -> Markup:
    """Write the attributes of a text in this language; none where it is not known."""
    return Markup(' lang="{}" dir="{}"').format(tag, direction(tag)) if tag else Markup("")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["percent"] = percent
    environment.filters["decimal"] = decimal
    environment.filters["interval"] = interval
    environment.filters["small"] = small
    environment.filters["points"] = points
    environment.filters["token_map"] = token_map
    environment.filters["language"] = language
    environment.filters["counted"] = counted
    environment.tests["warning"] = WARNINGS.__contains__
    environment.tests["doubt"] = SECOND_LOOK.__eq__
    environment.filters["count"] = lambda number: f"{number:,}"
    return environment


_ENVIRONMENT = _environment()


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill a template of the templates folder.

    Raises:
        RenderError: the template is missing, broken, or uses a name that is not given.
    """
    try:
        return _ENVIRONMENT.get_template(template).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise RenderError(f"{error.filename}:{error.lineno}: {error.message}") from error
    except jinja2.TemplateNotFound as error:
        raise RenderError(f"{TEMPLATES / str(error.name)}: the template is missing") from error
    except jinja2.TemplateError as error:
        raise RenderError(f"template {template}: {error.message}") from error
