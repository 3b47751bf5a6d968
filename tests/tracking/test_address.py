"""Which addresses MLflow takes, and that nothing secret in one is ever shown."""

from __future__ import annotations

import pytest

from reportgen.errors import UsageError
from reportgen.tracking.address import address_of, masked

FILES = "MLflow 3 keeps no runs in plain files; use sqlite:///mlflow.db, or a tracking server"
OTHER = "not an address of MLflow; use sqlite:///mlflow.db, or a tracking server"


@pytest.mark.parametrize(
    ("uri", "shown", "database"),
    [
        ("http://localhost:5000", "http://localhost:5000", False),
        ("https://me:geheim@host/at/", "https://host/at/", False),
        ("HTTPS://host", "HTTPS://host", False),
        ("sqlite:///mlflow.db", "sqlite:///mlflow.db", True),
        ("sqlite:////data/a b.db?timeout=9", "sqlite:////data/a b.db", True),
        ("postgresql+psycopg://me:ge@heim@host/db", "postgresql+psycopg://host/db", True),
        ("mysql://me:geheim@host/db?ssl_key=geheim2", "mysql://host/db", True),
        ("mssql+pyodbc://host/db", "mssql+pyodbc://host/db", True),
    ],
)
def test_an_address_is_taken_and_shown_without_secrets(
    uri: str, shown: str, database: bool
) -> None:
    address = address_of(uri)
    assert (address.uri, address.shown, address.database) == (uri, shown, database)
    assert "heim" not in repr(address)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("./mlruns", f"--mlflow ./mlruns: {FILES}"),
        ("file:///data/mlruns", f"--mlflow file:///data/mlruns: {FILES}"),
        ("", f"--mlflow : {FILES}"),
        ("localhost:5000", f"--mlflow localhost:5000: {OTHER}"),
        ("databricks://me", f"--mlflow databricks://me: {OTHER}"),
        ("ftp://me:geheim@host", f"--mlflow ftp://host: {OTHER}"),
        ("me:geheim@host:5000", f"--mlflow host:5000: {OTHER}"),
        ("http://", "--mlflow http://: it names no host"),
        ("http://me:geheim@", "--mlflow http://: it names no host"),
        ("http://host:x", "--mlflow http://host:x: not an address (Port could not be cast"),
        ("http://u:p@host:geheim", "--mlflow http://host:geheim: not an address (its message"),
        ("http://host/?token=geheim", "--mlflow http://host/: the address of a server has no '?'"),
        ("sqlite://mlflow.db", "--mlflow sqlite://mlflow.db: it names no file; three slashes"),
        ("sqlite:mlflow.db", "--mlflow sqlite:mlflow.db: it names no file; three slashes"),
        ("sqlite://", "--mlflow sqlite://: it names no file"),
        ("sqlite:///", "--mlflow sqlite:///: it names no file"),
        ("sqlite:///:memory:", "--mlflow sqlite:///:memory:: it names no file"),
        ("postgresql:///db", "--mlflow postgresql:///db: it names no host"),
    ],
)
def test_others_are_refused_with_advice(uri: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        address_of(uri)
    assert str(refused.value).startswith(message)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://me:a/b?c@host/x", "http://…"),  # the end of the password cannot be told
        ("http://host/?q=a@geheim", "http://…"),
        ("http://me:a#geheim@host", "http://…"),
        ("http://me:a@b@host\n", "http://host\\n"),
    ],
)
def test_what_cannot_be_told_apart_is_not_shown(uri: str, shown: str) -> None:
    assert masked(uri) == shown


@pytest.mark.parametrize(
    ("uri", "message", "cleaned"),
    [
        ("http://me:geheim@host/", "at http://me:geheim@host/api: no", "at http://host/api: no"),
        ("http://me:geheim@host", "password geheim is wrong", None),
        ("http://me:ge%40heim@host", "password ge@heim is wrong", None),
        ("http://token@host", "token is old", None),
        ("mysql://host/db?ssl_key=geheim", "key geheim", None),
        ("http://host", "\n one \n two", "one"),
        ("http://host", " ", "no reason given"),
        ("http://host", "x" * 300, "x" * 300),
        ("http://host", "x" * 301, "x" * 300 + " …"),
    ],
)
def test_messages_of_others_lose_what_is_secret(
    uri: str, message: str, cleaned: str | None
) -> None:
    expected = cleaned or "its message is not shown, for it holds the password"
    assert address_of(uri).clean(message) == expected
