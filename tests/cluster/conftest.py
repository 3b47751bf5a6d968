"""A cluster of two workers that do not see a folder of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from reportgen import cluster
from reportgen.cluster import Cluster, open_cluster
from reportgen.progress import Silent
from tests.cluster import processes


@dataclass(frozen=True)
class Running:
    address: str
    hidden: Path  # a folder of this machine that the workers do not see


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    pytest.importorskip("distributed")
    hidden, folder = tmp_path_factory.mktemp("hidden"), tmp_path_factory.mktemp("cluster")
    if not processes.can_hide(hidden):
        pytest.skip("this user may not hide a folder from workers (unshare -m)")
    with ExitStack() as stack:
        address = stack.enter_context(processes.scheduler(folder))
        stack.enter_context(processes.workers(address, folder, 2, hidden))
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(cluster, "FIRST_WORKER", 60)
        with open_cluster(address, Silent()) as opened:
            opened._client.wait_for_workers(2, timeout=60)
        yield Running(address, hidden)


@pytest.fixture
def opened(running: Running) -> Iterator[Cluster]:
    with open_cluster(running.address, Silent()) as found:
        found._client.wait_for_workers(2, timeout=60)  # one may start anew after another test
        yield found
