"""Files in a page: addresses that hold them."""

from __future__ import annotations

import base64
from pathlib import Path

from reportgen.publish.html.inline import STYLES, inline, style


def test_a_picture_is_held_by_its_address(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg/>")
    kind, _, content = inline(tmp_path / "a.svg").partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(content) == b"<svg/>"


def test_styles_are_joined_in_their_order() -> None:
    both = style(["index.css", "notebook.css"])
    assert both == style(["index.css"]) + style(["notebook.css"])
    assert style() == style(STYLES)
    assert "url(fonts/" not in style()
