"""Change the package one small thing at a time and list the changes that no test notices.

    python tests/mutation/mutate.py                                   # 60 mutants of all modules
    python tests/mutation/mutate.py analysis/slices.py --mutants 0    # every mutant of one module
    python tests/mutation/mutate.py predictions --mutants 40 --seed 2 # a sample of a folder

Modules are named within ``reportgen/``. Each mutant is written into a temporary copy of the
project, where the tests of its module run until the first failure. A mutant whose tests pass is a
survivor: a test is missing, or the change makes no difference. It is run by hand, because it takes
seconds a mutant; tests on the real reviews are skipped. The exit status is 1 where one survives.
``TESTS`` says which tests judge a module: after moving a module, adjust its line. README.md beside
this file has the figures.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GROUPS = ("tests/analysis/test_groups.py",)
LAYOUT = (
    "tests/figures/test_layout.py",
    "tests/figures/test_shapes.py",
    "tests/figures/test_leftward.py",
)
WORDS = (
    "tests/publish/words",
    "tests/publish/test_groups_and_words.py",
    "tests/publish/test_verdict.py",
)
NAMES_AND_GATE = ("tests/publish/test_names_and_gate.py",)
# Module -> test files that judge it, in seconds but for cli, classifier and the PDF (a minute); a
# folder stands for all modules in it that have no line of their own.
TESTS: dict[str, tuple[str, ...]] = {
    "adapters/hf": ("tests/adapters",),
    "analysis": ("tests/analysis",),
    "analysis/changes.py": ("tests/analysis/test_changes.py",),
    "analysis/comparison.py": ("tests/analysis/test_comparison.py",),
    "analysis/differences.py": ("tests/analysis/test_differences.py",),
    "analysis/matching.py": ("tests/analysis/test_matching.py",),
    "analysis/mcnemar.py": ("tests/analysis/test_mcnemar.py",),
    "analysis/paired.py": ("tests/analysis/test_paired.py",),
    "analysis/seeds.py": ("tests/analysis/test_seeds.py",),
    "analysis/bootstrap.py": ("tests/analysis/test_bootstrap.py",),
    "analysis/calibration.py": ("tests/analysis/test_calibration.py",),
    "analysis/faithfulness.py": ("tests/analysis/test_faithfulness.py",),
    "analysis/findings.py": ("tests/analysis/test_findings.py",),
    "analysis/labels.py": ("tests/analysis/test_labels.py",),
    "analysis/metrics.py": ("tests/analysis/test_metrics.py",),
    "analysis/ordering.py": ("tests/analysis/test_ordering.py",),
    "analysis/performance.py": ("tests/analysis/test_performance.py",),
    "analysis/scores.py": ("tests/analysis/test_scores.py",),
    "analysis/slices.py": GROUPS,
    "analysis/words.py": ("tests/analysis/test_words.py",),
    "characters.py": ("tests/predictions",),
    "classifier": ("tests/classifier",),
    "cli": ("tests/cli",),
    "comparing.py": ("tests/test_comparing.py",),
    "corpus": ("tests/corpus",),
    "cluster.py": ("tests/cluster",),
    "executors.py": ("tests/test_executors.py",),
    "explaining.py": (
        "tests/classifier/test_explain_reference.py",
        "tests/classifier/test_explain.py",
    ),
    "figures/charts.py": ("tests/figures/test_charts.py",),
    "figures/comparison.py": ("tests/figures/test_comparison.py",),
    "figures/evidence.py": ("tests/figures/test_evidence.py",),
    "figures/fast_heatmap.py": ("tests/figures/test_fast_heatmap.py",),
    "figures/fitting.py": ("tests/figures/test_fitting.py",),
    "figures/fonts.py": ("tests/figures/test_fonts.py", "tests/figures/test_heatmap.py"),
    "figures/heatmap.py": ("tests/figures/test_heatmap.py",),
    "figures/layout.py": LAYOUT,
    "figures/scales.py": ("tests/figures/test_scales.py", "tests/figures/test_signed.py"),
    "figures/palette.py": ("tests/figures/test_palette.py",),
    "figures/raster.py": ("tests/figures/test_heatmap.py",),
    "figures/scripts.py": ("tests/figures/test_scripts.py",),
    "figures/shapes.py": LAYOUT,
    "figures/vector.py": ("tests/api/test_heatmaps.py",),
    "options.py": ("tests/cli",),
    "predictions": ("tests/predictions",),
    "predictors.py": ("tests/adapters/test_commands.py", "tests/test_sharding.py"),
    "sharding.py": ("tests/test_sharding.py",),
    "publish/archive.py": ("tests/publish/test_archive.py", "tests/publish/test_verify.py"),
    "publish/packing.py": ("tests/publish/test_packing.py",),
    "publish/verification.py": ("tests/publish/test_packing.py", "tests/publish/test_verify.py"),
    "publish/cards.py": ("tests/publish/test_cards.py", "tests/publish/test_texts.py"),
    "publish/charts.py": ("tests/publish/test_charts.py", *WORDS),
    "publish/comparison": ("tests/publish/comparison",),
    "publish/checked.py": ("tests/publish/test_past.py",),
    "publish/gate.py": (
        "tests/publish/test_gate.py",
        "tests/publish/test_margins.py",
        *NAMES_AND_GATE,
    ),
    "publish/heatmaps.py": ("tests/publish/test_heatmaps.py",),
    "publish/html": ("tests/publish/html", "tests/publish/test_texts.py"),
    "publish/html/index.py": (
        "tests/publish/html/test_index.py",
        "tests/publish/html/test_index_comparisons.py",
    ),
    "publish/html/inline.py": (
        "tests/publish/html/test_inline.py",
        "tests/publish/html/test_single.py",
    ),
    "publish/html/script.py": ("tests/browser/test_script.py", "tests/publish/html"),
    "publish/html/styles.py": ("tests/publish/test_pdf.py", "tests/publish/test_parts.py"),
    "publish/html/trend.py": ("tests/publish/html/test_trend.py",),
    "publish/indexing.py": ("tests/publish/test_indexing.py",),
    "publish/names.py": ("tests/publish/test_names.py", *NAMES_AND_GATE),
    "publish/pagination.py": ("tests/publish/test_pagination.py",),
    "publish/past.py": ("tests/publish/test_past.py",),
    "publish/pdf": ("tests/publish/test_pdf_cells.py", "tests/publish/test_pdf.py"),
    "publish/pdf/drawings.py": ("tests/publish/test_parts.py", "tests/publish/test_pdf_shades.py"),
    "publish/pdf/lines.py": ("tests/publish/test_pdf_text.py",),
    "publish/pdf/paragraphs.py": (
        "tests/publish/test_pdf_text.py",
        "tests/publish/test_pdf_shades.py",
    ),
    "publish/pdf/text.py": ("tests/publish/test_pdf_text.py", "tests/publish/test_pdf_shades.py"),
    "publish/pdf/fonts.py": ("tests/publish/test_shared_fonts.py",),
    "publish/pdf/joining.py": ("tests/publish/test_joining.py",),
    "publish/pdf/parts.py": ("tests/publish/test_parts.py",),
    "publish/pdf/running.py": ("tests/publish/test_joining.py",),
    "publish/pdf/volumes.py": ("tests/publish/test_volumes.py",),
    "publish/report.py": ("tests/publish/test_report_record.py",),
    "publish/series.py": ("tests/publish/test_series.py",),
    "publish/shares.py": ("tests/publish/test_cards.py",),
    "publish/summary.py": ("tests/publish/test_summary.py",),
    "publish/tables.py": ("tests/publish/test_tables.py", "tests/publish/test_csv.py"),
    "publish/words": WORDS,
    "publish/words/cards.py": ("tests/publish/test_cards.py", "tests/publish/test_texts.py"),
    "publish/words/comparison.py": ("tests/publish/words/test_comparison.py",),
    "publish/words/differences.py": ("tests/publish/words/test_comparison.py",),
    "publish/words/measures.py": ("tests/publish/words/test_measures.py",),
    "publish/words/labels.py": ("tests/publish/test_unlabelled.py",),
    "publish/words/series.py": ("tests/publish/words/test_series.py",),
    "publish/writing.py": ("tests/publish/test_pages.py",),
    "records.py": ("tests/test_records.py",),
    "removal.py": ("tests/test_removal.py",),
}
NOT_COPIED = (".git", ".venv", "*_cache", ".hypothesis", "__pycache__", "build", "dist", "reports")

EDGES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPPOSITES = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}  # fmt: skip
TWINS = {"min": "max", "any": "all", "argmin": "argmax", "mean": "sum", "ceil": "floor"}
TWINS |= {twin: name for name, twin in TWINS.items() if twin != "sum"}
SYMMETRIC = ("min", "max", "minimum", "maximum")  # the order of the arguments makes no difference
CONVERSIONS = ("int", "float", "str", "list", "tuple", "set", "asarray", "cast", "iter", "len")


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the mutants of one node, each a changed copy."""
    match node:
        case ast.Compare(ops=[op]):
            for table in (EDGES, OPPOSITES):
                if type(op) in table:
                    yield changed(node, ops=[table[type(op)]()])
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            yield changed(node, op=OPERATORS[type(op)]())
        case ast.BoolOp(op=op):
            yield changed(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
            if abs(value) > 9 or 0 < abs(value) < 1:
                yield ast.Constant(type(value)(value / 2))
        case ast.Slice(lower=lower, upper=upper):
            if lower and not isinstance(lower, ast.Constant):
                yield changed(node, lower=ast.BinOp(lower, ast.Add(), ast.Constant(1)))
            if upper and not isinstance(upper, ast.Constant):
                yield changed(node, upper=ast.BinOp(upper, ast.Sub(), ast.Constant(1)))
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield changed(node, value=ast.Constant(None))
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            if not isinstance(test, ast.Compare | ast.UnaryOp):  # these are mutated themselves
                yield changed(node, test=ast.UnaryOp(ast.Not(), test))
        case ast.Expr(value=ast.Call()) | ast.AugAssign():
            yield ast.Pass()
        case ast.comprehension(ifs=[_, *_]):
            yield changed(node, ifs=[])
        case ast.Call(func=func, args=args):
            if len(args) > 1 and not ast.unparse(func).endswith(SYMMETRIC):
                yield changed(node, args=[args[1], args[0], *args[2:]])
            if len(args) == 1 and not ast.unparse(func).endswith(CONVERSIONS):
                yield args[0]
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in TWINS:
            yield changed(node, **{node._fields[-2]: TWINS[name]})


def changed(node: ast.AST, **fields: object) -> ast.AST:
    copied = copy.copy(node)
    for name, value in fields.items():
        setattr(copied, name, value)
    return copied


class Mutator(ast.NodeTransformer):
    """Counts all places where a mutant can be made and makes the one with the number."""

    def __init__(self, number: int) -> None:
        self.number, self.count = number, 0
        self.line, self.change = 0, ""

    def visit(self, node: ast.AST) -> ast.AST:
        for mutant in alternatives(node):
            self.count += 1
            if self.count == self.number:
                self.line = getattr(node, "lineno", getattr(node, "target", node).lineno)
                self.change = f"{shortened(node)}  ->  {shortened(mutant)}"
                return mutant
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Leave out what has no effect when the program runs: annotations and the like."""
        inert = ("annotation", "returns", "decorator_list")
        kept = {name: getattr(node, name) for name in inert if getattr(node, name, None)}
        for name in kept:
            setattr(node, name, [] if name == "decorator_list" else None)
        if getattr(node, "arg", None) != "strict":
            super().generic_visit(node)
        for name, value in kept.items():
            setattr(node, name, value)
        return node


def shortened(node: ast.AST) -> str:
    line = ast.unparse(node).partition("\n")[0]
    return line if len(line) <= 90 else f"{line[:87]}..."


@dataclass(frozen=True)
class Mutant:
    """A module's source with one change, described, in a line of the original."""

    module: str
    line: int
    change: str
    source: str


def mutants(module: str) -> list[Mutant]:
    source = (ROOT / "reportgen" / module).read_text(encoding="utf-8")
    found: list[Mutant] = []
    while True:
        mutator = Mutator(len(found) + 1)
        tree = ast.fix_missing_locations(mutator.visit(ast.parse(source)))
        if not mutator.line:
            return found
        found.append(Mutant(module, mutator.line, mutator.change, ast.unparse(tree)))


def modules(names: list[str]) -> list[str]:
    """Return the modules of these names, files or folders; without names all of the table."""
    package, files = ROOT / "reportgen", []
    for name in names or list(TESTS):
        path = package / name
        if not path.exists():
            sys.exit(f"no such module: reportgen/{name}")
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return list(dict.fromkeys(file.relative_to(package).as_posix() for file in files))


def tests_of(module: str) -> tuple[str, ...]:
    for name in (module, *(parent.as_posix() for parent in Path(module).parents)):
        if name in TESTS:
            return TESTS[name]
    sys.exit(f"no tests are known for reportgen/{module}: add it to TESTS or give --tests")


def passes(copied: Path, tests: tuple[str, ...], limit: float) -> bool | None:
    """Run the tests in the copy; None where they take longer than the limit in seconds."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {
        "PYTHONPATH": str(copied),
        "PYTHONDONTWRITEBYTECODE": "1",  # a mutant of the same second and size would be the old one
        "REPORTGEN_DATA": str(copied / "none"),
    }
    with subprocess.Popen(
        command, cwd=copied, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:  # fmt: skip
        try:
            return running.wait(limit) == 0
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="files or folders within reportgen/")
    parser.add_argument("--tests", nargs="+", help="test paths, instead of those of the table")
    parser.add_argument("--mutants", type=int, default=60, help="sample size; 0 is all")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chosen = [mutant for module in modules(options.modules) for mutant in mutants(module)]
    total = len(chosen)
    if options.mutants and options.mutants < total:
        chosen = random.Random(options.seed).sample(chosen, options.mutants)
        chosen.sort(key=lambda mutant: (mutant.module, mutant.line))
    print(f"{len(chosen)} of {total} mutants", flush=True)
    survivors = timeouts = 0
    limits: dict[tuple[str, ...], float] = {}
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder, "project")
        shutil.copytree(ROOT, copied, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        for mutant in chosen:
            tests = tuple(options.tests or tests_of(mutant.module))
            start = time.monotonic()
            if tests not in limits:
                if not passes(copied, tests, 600):
                    sys.exit(f"the tests fail without a mutant: {' '.join(tests)}")
                limits[tests] = 20 + 3 * (time.monotonic() - start)
            path = copied / "reportgen" / mutant.module
            original = path.read_text(encoding="utf-8")
            path.write_text(mutant.source, encoding="utf-8")
            result = passes(copied, tests, limits[tests])
            path.write_text(original, encoding="utf-8")
            timeouts += result is None
            if result:
                survivors += 1
                print(f"reportgen/{mutant.module}:{mutant.line}: {mutant.change}", flush=True)
    print(f"{len(chosen) - survivors} killed ({timeouts} by the time limit), {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
