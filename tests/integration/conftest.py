"""An embedded cloud for tests: free ports, a home of its own, and nothing left when the tests end."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.cloud.cloud import Cloud
from embedded.cloud.ports import Ports


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A started emulator and runtime; AWS's variables point there for the whole session."""
    home = tmp_path_factory.mktemp("home")
    started = Cloud(home / "local", wanted=Ports(0, 0, 0))
    before = dict(os.environ)
    try:
        os.environ.update(started.start(tell=print) | {"HEADRACE_HOME": str(home)})
        yield started
    finally:
        os.environ.clear()
        os.environ.update(before)
        started.remove()


@pytest.fixture
def folder(cloud: Cloud) -> Path:
    """The stack's folder."""
    return cloud.folder
