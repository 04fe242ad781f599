from collections.abc import Iterator

import pytest

from tests.integration.account import Account
from tests.integration.offers.shop import Shop, forget


@pytest.fixture
def shop(emulator: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop of its own, in the file's emulator. No time passes between attempts."""
    monkeypatch.setattr("shared.performing.LONGEST_PAUSE_SECONDS", 0.0)
    yield Shop(emulator, monkeypatch.setenv)
    forget()
