"""The versions of packages, of those that are installed."""

from reportgen.versions import MODEL, not_installed, versions


def test_a_report_lists_what_makes_it_and_not_what_predicted() -> None:
    found = versions()
    assert {"reportgen", "matplotlib", "numpy", "pyarrow", "weasyprint"} <= set(found)
    assert not {"torch", "torchtext", "transformers"} & set(found)


def test_what_is_not_installed_is_left_out() -> None:
    assert set(versions(["numpy", "no-such-package"])) == {"numpy"}


def test_packages_that_cannot_be_found_are_named() -> None:
    assert not_installed(("numpy", "nowhere", "torch")) == ["nowhere"]
    assert not_installed(MODEL) == []
