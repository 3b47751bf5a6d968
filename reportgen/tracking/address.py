"""The address of an MLflow server or database: checked, and shown without what is secret in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from reportgen.characters import printable
from reportgen.errors import UsageError

__all__ = ["Address", "address_of", "masked"]

SERVERS, DATABASES = ("http", "https"), ("sqlite", "postgresql", "mysql", "mssql")
ADVICE = "use sqlite:///mlflow.db, or a tracking server such as http://localhost:5000"
LONGEST = 300  # characters of another program's message


@dataclass(frozen=True, slots=True)
class Address:
    """Where runs are logged.

    ``shown`` is the address without user, password and query, which alone is ever written;
    ``secrets`` are what may not be.
    """

    uri: str = field(repr=False)
    shown: str
    database: bool
    secrets: frozenset[str] = field(repr=False)

    def clean(self, message: str) -> str:
        """Return the first line of another program's message, without anything secret."""
        text = message.replace(self.uri.rstrip("/"), self.shown.rstrip("/"))
        if any(secret in text for secret in self.secrets):
            return "its message is not shown, for it holds the password"
        line = next(filter(None, map(str.strip, text.splitlines())), "no reason given")
        return line if len(line) <= LONGEST else f"{line[:LONGEST]} …"


def masked(uri: str) -> str:
    """Return an address without user, password, query and fragment, however it is written."""
    scheme, between, rest = uri.partition("://")
    if not between:
        scheme, rest = "", uri
    head = re.split(r"[?#]", rest, maxsplit=1)[0]
    if "@" in rest[len(head) :]:  # a password with such a character, or a query: not to be told
        head = "…"
    return printable(f"{scheme}{between}{head.rpartition('@')[2]}")


def address_of(uri: str) -> Address:
    """Check an address as far as it can be without a connection.

    Raises:
        UsageError: MLflow keeps no runs there, or it names no host or file.
    """
    shown = masked(uri)
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        problem = "its message is not shown" if "@" in uri else str(error)
        raise UsageError(f"--mlflow {shown}: not an address ({problem})") from None
    kind = parts.scheme.partition("+")[0]
    if kind in ("", "file"):
        raise UsageError(f"--mlflow {shown}: MLflow 3 keeps no runs in plain files; {ADVICE}")
    if kind not in SERVERS + DATABASES:
        raise UsageError(f"--mlflow {shown}: not an address of MLflow; {ADVICE}")
    if kind == "sqlite":
        file = uri.partition("://")[2].partition("?")[0]
        if not file.startswith("/") or file in ("/", "/:memory:"):
            problem = "it names no file; three slashes stand before a relative one"
            raise UsageError(f"--mlflow {shown}: {problem}, as in sqlite:///mlflow.db")
    elif not host:
        raise UsageError(f"--mlflow {shown}: it names no host; {ADVICE}")
    if kind in SERVERS and (parts.query or parts.fragment):
        raise UsageError(f"--mlflow {shown}: the address of a server has no '?' and no '#'")
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    words = [password, *(value for _, value in parse_qsl(parts.query))]
    if not password:
        words.append(user)  # a token
    secrets = {secret for word in words for secret in (word, unquote(word)) if secret}
    return Address(uri, shown, kind in DATABASES, frozenset(secrets))
