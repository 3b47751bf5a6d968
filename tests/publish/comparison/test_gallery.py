"""The record that the writers of a comparison take: which examples, in which order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reportgen.analysis.ordering import Outcome
from reportgen.figures.scales import PLAIN, Scale
from reportgen.records import Prediction
from tests.publish.comparison.compared import ANSWERS, ATTRIBUTIONS, INFO, opened, row, runs


def ids(gallery, places) -> list[str]:
    return [gallery.found.ids[i] for i in places]


def test_broken_come_first_then_fixed_then_changed_then_those_without_a_label(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as gallery:
        assert ids(gallery, gallery.places) == ["broken-sure", "broken", "fixed", "Changed", "bare"]
        keys = [gallery.change_of[i] for i in gallery.places]
        assert keys == ["broken", "broken", "fixed", "changed", "differ"]
        assert [page.indices for page in gallery.pages] == [gallery.places]
        assert (gallery.whole, gallery.seed, gallery.folder) == (5, 7, tmp_path)
        assert gallery.found is gallery.compared.found
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "b.parquet"]


def test_a_gallery_may_be_a_sample_of_the_sections(tmp_path: Path) -> None:
    with opened(tmp_path, gallery=3) as gallery:
        assert len(gallery.places) == len(set(gallery.places)) == 3
        assert [len(s) for s in gallery.sections] != [s.whole for s in gallery.sections]
        assert (sum(s.whole for s in gallery.sections), gallery.whole) == (5, 5)


def test_each_run_is_read_in_its_own_table(tmp_path: Path) -> None:
    first, second = runs()
    second.reverse()
    second.append(row("of B alone", "b", "bad", ("bad", 0.9)))
    with opened(tmp_path, (first, second)) as gallery:
        for run, rows in zip(gallery.runs, (first, second), strict=True):
            indices = run.indices[gallery.places].tolist()
            assert [rows[i].id for i in indices] == ids(gallery, gallery.places)
            assert [p.id for p in run.rows.take(indices)] == ids(gallery, gallery.places)
        assert [run.letter for run in gallery.runs] == ["A", "B"]
        assert [run.maker.heatmaps for run in gallery.runs] == ["heatmaps/a", "heatmaps/b"]


def test_what_was_measured_of_each_run(tmp_path: Path) -> None:
    with opened(tmp_path) as gallery:
        place = gallery.found.ids.index("fixed")
        a, b = (run.results([place])[0] for run in gallery.runs)
        assert (a.predicted, a.confidence, a.margin) == (0, pytest.approx(0.7), pytest.approx(0.55))
        assert (a.outcome, b.outcome) == (Outcome.CONFIDENTLY_WRONG, Outcome.CONFIDENTLY_RIGHT)
        bare = gallery.found.ids.index("bare")
        assert gallery.runs[0].results([bare])[0].outcome is Outcome.CONFIDENT_UNLABELLED


def test_the_margin_that_is_unsure_is_the_options(tmp_path: Path) -> None:
    with opened(tmp_path, unsure_margin=0.5) as gallery:
        place = gallery.found.ids.index("Changed")
        assert gallery.runs[0].results([place])[0].outcome is Outcome.UNSURE_WRONG


def test_classes_in_another_order_are_those_of_the_same_name(tmp_path: Path) -> None:
    first, second = runs()
    turned = [replace(p, probabilities=p.probabilities[::-1].copy()) for p in second]
    infos = (INFO, replace(INFO, classes=INFO.classes[::-1]))
    with opened(tmp_path, (first, turned), infos) as gallery:
        card = gallery.flips([gallery.found.ids.index("fixed")]).cards()[0]
        assert [r.card.predicted for r in card.readings] == ["bad", "fair"]
        assert [r.card.outcome.correct for r in card.readings] == [False, True]
        wrong = gallery.flips([gallery.found.ids.index("broken-sure")]).cards()[0]
        assert wrong.readings[1].card.label_share.startswith("0.05")


def test_all_heatmaps_have_rows_of_one_length(tmp_path: Path) -> None:
    long = "extraordinarily-long-words-which-need-wide-cells"
    first = [row("x", f"{long} {long}", "bad", ("bad", 0.9))]
    second: list[Prediction] = [row("x", f"{long} {long}", "bad", ("good", 0.9))]
    short = [replace(p, tokens=tuple(p.text[:1] for _ in p.tokens), spans=None) for p in second]
    with opened(tmp_path, (first, short)) as gallery:
        columns = {run.maker.columns for run in gallery.runs}
        assert len(columns) == 1
    with opened(tmp_path, (first, second)) as gallery:
        assert {run.maker.columns for run in gallery.runs} == columns


def test_marks_of_a_tokenizer_are_read_as_in_a_report(tmp_path: Path) -> None:
    def marked(p: Prediction) -> Prediction:
        tokens = tuple(f"Ġ{t}" if i else t for i, t in enumerate(p.tokens))
        return replace(p, tokens=tokens)

    first, second = runs()
    with opened(tmp_path, (first, list(map(marked, second)))) as gallery:
        card = gallery.flips(gallery.places[:1]).cards()[0]
        words = [[p.text for p in r.card.pieces if p.token] for r in card.readings]
        assert words[0] == words[1] == ["the", "text", "of", "broken-sure", "is", "short"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "b.parquet"]


def test_every_kind_of_answer_is_somewhere(tmp_path: Path) -> None:
    with opened(tmp_path) as gallery:
        rest = set(gallery.found.ids) - set(ids(gallery, gallery.places))
    assert rest == {"right", "wrong", "bare-same"} == set(ANSWERS) - {
        "broken-sure", "broken", "fixed", "Changed", "bare",
    }  # fmt: skip


def test_attention_has_one_scale_in_all_runs_and_attributions_one_in_each(tmp_path: Path) -> None:
    def scales(*infos, **options):
        with opened(tmp_path, infos=infos, **options) as gallery:
            own = [run.maker.scale for run in gallery.runs]
            return own, gallery.shared_scales

    assert scales(INFO) == ([Scale(4.0)] * 2, [Scale(4.0)] * 2)
    mixed = [Scale(4.0), Scale(0.3, signed=True)]
    assert scales(INFO, ATTRIBUTIONS) == (mixed, mixed)
    assert scales(INFO, shades="text") == ([PLAIN, PLAIN], [Scale(4.0)] * 2)
    assert scales(INFO, shades=2.5)[0] == [Scale(2.5)] * 2


def test_the_scale_is_that_of_the_texts_that_are_shown(tmp_path: Path) -> None:
    first, second = runs()
    peak = np.full(6, 0.01, np.float32)
    peak[0] = 0.95  # 5.7 even shares
    strong = [replace(p, attention=peak) if p.id.startswith("broken") else p for p in second]
    with opened(tmp_path, (first, strong)) as gallery:
        assert [run.maker.scale.darkest for run in gallery.runs] == [6.0, 6.0]
