"""The fields of a PDF, filled in as a reviewer does in Chromium's own viewer, and saved there."""

import base64
import json
import tempfile

import pypdf
import pytest

from tests.browser.conftest import FLAGS
from tests.browser.reviewing import reviewed
from tests.publish.conftest import finished, table

__all__ = ["finished", "reviewed", "table"]

# Playwright leaves the viewer out, which is an extension of the browser's own.
LEFT_OUT = ["--disable-extensions", "--disable-component-extensions-with-background-pages"]
SAVE = """(async () => {
    const saved = await document.querySelector("pdf-viewer").currentController.save("EDITED");
    const bytes = new Uint8Array(saved.dataToSave);
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
})()"""
REMARK = "Всё не так: 日本語 مراجعة déjà vu"


@pytest.fixture
def viewer(play, chromium):
    with tempfile.TemporaryDirectory() as profile:
        context = play.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=FLAGS, ignore_default_args=LEFT_OUT
        )
        yield context
        context.close()


def saved(context, page):
    """Return what the viewer writes when its file is saved with the changes."""
    session, answers = context.new_cdp_session(page), []
    targets = session.send("Target.getTargets")["targetInfos"]
    inside = [t for t in targets if t["url"].startswith("chrome-extension://")]
    if not inside:
        pytest.skip("this Chromium has no viewer of PDF files")
    session.on(
        "Target.receivedMessageFromTarget",
        lambda event: answers.append(json.loads(event["message"])),
    )
    attached = session.send(
        "Target.attachToTarget", {"targetId": inside[0]["targetId"], "flatten": False}
    )
    asked = {"expression": SAVE, "awaitPromise": True, "returnByValue": True}
    message = {"id": 1, "method": "Runtime.evaluate", "params": asked}
    session.send(
        "Target.sendMessageToTarget",
        {"sessionId": attached["sessionId"], "message": json.dumps(message)},
    )
    for _ in range(240):
        if answers:
            break
        page.wait_for_timeout(250)
    return base64.b64decode(answers[0]["result"]["result"]["value"])


def place_of(source, name):
    """The page of a field, from 1 on, and the middle of it in points from the page's upper left."""
    for number, page in enumerate(pypdf.PdfReader(source).pages, 1):
        for annotation in page.get("/Annots", []):
            field = annotation.get_object()
            if field.get("/T") == name:
                left, bottom, right, top = (float(x) for x in field["/Rect"])
                return number, (left + right) / 2, float(page.mediabox.height) - (bottom + top) / 2
    raise AssertionError(name)


def test_answers_given_in_a_viewer_come_back(viewer, reviewed, tmp_path):
    source, page = reviewed / "report.pdf", viewer.new_page()
    page.set_viewport_size({"width": 1000, "height": 1300})
    number, *_ = place_of(source, "label-0001")
    # At 100 % a point is 4/3 of a pixel; without its bars the viewer shows the page from its edge.
    page.goto(f"{source.as_uri()}#page={number}&zoom=100&toolbar=0&navpanes=0", wait_until="commit")
    page.wait_for_timeout(3000)
    corner = page.evaluate("innerWidth") / 2 - 4 / 3 * 595.28 / 2

    def click(name):
        at, x, y = place_of(source, name)
        assert at == number
        page.mouse.click(corner + 4 / 3 * x, 4 / 3 * y + 3)
        page.wait_for_timeout(300)

    click("remark-0001")
    page.keyboard.insert_text(REMARK)
    for name, downs in (("label-0001", 2), ("shading-0001", 3)):
        click(name)
        for _ in range(downs):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    click("remark-0001")
    page.wait_for_timeout(300)
    page.screenshot(path=tmp_path / "viewer.png")
    target = tmp_path / "saved.pdf"
    target.write_bytes(saved(viewer, page))
    fields = pypdf.PdfReader(target).get_fields()
    given = {name: field["/V"] for name, field in fields.items() if field.get("/V")}
    assert given == {"label-0001": "wrong", "shading-0001": "no", "remark-0001": REMARK}
