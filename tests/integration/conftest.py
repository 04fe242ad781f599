"""An embedded cloud for tests: free ports, a home of its own, and nothing left when the tests end."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from embedded.cloud.cloud import Cloud
from embedded.cloud.ports import Ports
from tests.integration.account import Account, account


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A started emulator and runtime; AWS's variables point there for the whole session."""
    home = tmp_path_factory.mktemp("home")
    started = Cloud(home / "local", wanted=Ports(0, 0, 0, 0))
    before = dict(os.environ)
    try:
        os.environ.update(started.start(tell=print) | {"HEADRACE_HOME": str(home)})
        yield started
    finally:
        os.environ.clear()
        os.environ.update(before)
        started.remove()


@pytest.fixture(scope="session")
def deployed(cloud: Cloud) -> dict[str, Any]:
    """The outputs of the whole program, deployed as stack `local` into the session's cloud."""
    from embedded.cloud import deploy  # loads Pulumi's SDK, which most tests do not need

    return deploy.up("local", Ports(0, 0, 0, 0))


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """AWS's APIs with nothing in them, and AWS's variables pointing there, for one file of tests. No runtime beside
    it: what a stream, a delivery or the front door would do, the test does itself."""
    with account(tmp_path_factory.mktemp("emulator")) as found:
        yield found
