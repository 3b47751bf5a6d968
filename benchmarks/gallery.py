"""Opens a run's gallery in Chromium from the disk and times what a reader does.

``python benchmarks/gallery.py RUN`` (a run folder; needs Chromium and Playwright): medians of five.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-precise-memory-info",
]  # fmt: skip
# Time from a change of the address until the count has changed and a card with text stands there.
TIMED = """async ([hash, wanted]) => {
    const settled = () => new Promise(done => {
        const at = setInterval(() => {
            const said = document.querySelector('#count').textContent;
            const text = document.querySelector('#cards .map i');
            if (!text && !said.startsWith('0 of')) return;
            if (/ of /.test(said)) { clearInterval(at); done(); }
        }, 2);
    });
    document.querySelector('#cards').replaceChildren();
    document.querySelector('#count').textContent = '';
    const start = performance.now();
    location.hash = hash;
    let counted = 0;
    const seen = new Promise(done => { const at = setInterval(() => {
        if (/^[\\d,]+ of /.test(document.querySelector('#count').textContent)) {
            clearInterval(at); done(performance.now() - start); } }, 1); });
    await settled();
    return [await seen, performance.now() - start];
}"""

# Time from typing a query into a page just opened until its complete count and a text stand there.
TYPED = """query => new Promise(done => {
    const field = document.querySelector('[name=q]');
    const start = performance.now();
    let counted = 0;
    new MutationObserver(() => {
        const said = document.querySelector('#count').textContent;
        if (!/^[\\d,]+ of /.test(said)) return;
        counted ||= performance.now() - start;
        if (!document.querySelector('#cards .map i') && !said.startsWith('0 of')) return;
        done([counted, performance.now() - start]);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    field.value = query;
    field.dispatchEvent(new Event('input', { bubbles: true }));
})"""
WAITS = (0, 300, 1000, 3000)  # milliseconds from the page's form being there to the typing


def first_searches(browser: BrowserContext, address: str) -> dict[str, list[float]]:
    """Search right after opening the page anew each time; medians of five."""
    answers = {}
    for query in ("boring", '"waste of time"'):
        for wait in WAITS:
            times = []
            for _ in range(5):
                page = browser.new_page()
                page.goto(address, wait_until="commit")
                page.locator("#find").wait_for(state="visible")
                page.wait_for_timeout(wait)
                times.append(page.evaluate(TYPED, query))
                page.close()
            name = f"first search: {query}, typed after {wait / 1000:g} s"
            answers[name] = [statistics.median(column) for column in zip(*times, strict=True)]
    return answers


def main() -> None:
    """Print the table."""
    run = Path(sys.argv[1]).resolve()
    first, answers = [], {}
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as play:
        browser = play.chromium.launch_persistent_context(
            profile, executable_path=shutil.which("chromium"), args=FLAGS
        )
        for _ in range(5):
            page = browser.new_page()
            start = time.perf_counter()
            page.goto((run / "index.html").as_uri(), wait_until="commit")
            page.locator("article.card .map i").first.wait_for(state="attached")
            page.evaluate("new Promise(requestAnimationFrame)")
            first.append(1000 * (time.perf_counter() - start))
            page.close()
        answers |= first_searches(browser, (run / "index.html").as_uri())
        page = browser.new_page()
        page.goto((run / "index.html").as_uri())
        page.evaluate(TIMED, ["outcome=wrong", ""])
        actions = {
            "filter: wrong": "outcome=wrong",
            "filter: confidence 0.9 to 0.95": "from=0.9&to=0.95",
            "sort: largest loss": "sort=-loss",
            "sort: longest": "sort=-length",
            "search: boring": "q=boring",
            "search: a phrase": "q=%22waste+of+time%22",
            "search: two words, sorted": "q=boring+brilliant&sort=confidence",
        }
        for name, fragment in actions.items():
            times = []
            for turn in range(5):
                page.evaluate("location.hash = 'outcome=unsure'")
                page.wait_for_timeout(150)
                times.append(page.evaluate(TIMED, [f"{fragment}&p={turn + 1}", ""]))
            answers[name] = [statistics.median(column) for column in zip(*times, strict=True)]
        page.evaluate("location.hash = 'q=boring'")
        page.wait_for_timeout(300)
        again = [page.evaluate(TIMED, [f"q=dull&p={k}", ""]) for k in range(1, 6)]
        answers["search: dull"] = [statistics.median(c) for c in zip(*again, strict=True)]
        heap = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
        shown = page.locator("#count").inner_text()
        browser.close()
    print(f"| action ({shown.split(' of ')[-1]} examples) | answer, ms | cards with text, ms |")
    print("|---|---|---|")
    print(f"| first card after opening | {statistics.median(first):.0f} | |")
    for name, (counted, whole) in answers.items():
        print(f"| {name} | {counted:.0f} | {whole:.0f} |")
    largest = max(p.stat().st_size for p in run.rglob("*") if p.suffix in (".html", ".js"))
    print(f"\nScript memory with every text read: {heap:.0f} MB; largest page or script", end=" ")
    print(f"{largest / 1e6:.2f} MB.")


if __name__ == "__main__":
    main()
