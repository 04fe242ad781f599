from collections.abc import Iterator

import pytest

from tests.integration.account import Account
from tests.integration.offers.shop import Shop, disconnect, forget


@pytest.fixture(scope="module")
def connected(emulator: Account) -> Iterator[Account]:
    """The file's account, and no client left that knows another."""
    disconnect()
    yield emulator
    disconnect()


@pytest.fixture
def shop(connected: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop of its own, in the file's account. No time passes between attempts."""
    monkeypatch.setattr("shared.performing.LONGEST_PAUSE_SECONDS", 0.0)
    yield Shop(connected, monkeypatch.setenv)
    forget()
