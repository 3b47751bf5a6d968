"""The browser tests look at the same run as the tests of the pages."""

from tests.publish.conftest import finished, table

__all__ = ["finished", "table"]
