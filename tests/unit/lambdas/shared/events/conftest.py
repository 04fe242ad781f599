"""Records of every kind as they stand in a stream, and what is to be read from each."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.events.decode import decode
from shared.events.event import Event

HERE = Path(__file__).parent
CORPUS = {path.name: path.read_bytes() for path in sorted((HERE / "corpus").iterdir())}
EXPECTED: dict[str, dict[str, Any]] = json.loads((HERE / "expected.json").read_text())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`record_name`: one test a record of the corpus; `enriched_name`: of Snowplow's."""
    if "record_name" in metafunc.fixturenames:
        metafunc.parametrize("record_name", CORPUS)
    if "enriched_name" in metafunc.fixturenames:
        metafunc.parametrize("enriched_name", [name for name in CORPUS if name.endswith(".tsv")])


@pytest.fixture(scope="session")
def corpus() -> dict[str, bytes]:
    return CORPUS


@pytest.fixture(scope="session")
def expected() -> dict[str, dict[str, Any]]:
    return EXPECTED


class Changed:
    """One record of the corpus, with changes: JSON by dotted paths (None removes), TSV by field numbers."""

    def json(self, name: str, changes: dict[str, Any]) -> Any:
        value = json.loads(CORPUS[name])
        for path, new in changes.items():
            *way, last = path.split(".")
            inner = value
            for step in way:
                inner = inner[step]
            if new is None:
                del inner[last]
            else:
                inner[last] = new
        return decode(json.dumps(value).encode())

    def tsv(self, name: str, changes: dict[int, str]) -> Any:
        fields = CORPUS[name].decode().rstrip("\n").split("\t")
        for at, new in changes.items():
            fields[at] = new
        return decode("\t".join(fields).encode())


@pytest.fixture(scope="session")
def changed() -> Changed:
    return Changed()


def check_event(event: Event) -> None:
    """What everybody who works on Events takes for granted."""
    assert event.event_id
    assert 0 <= event.occurred_at <= event.received_at
    for identity in (event.event_id, event.client_id, event.user_id, event.session_id, event.order_id):
        assert identity is None or 0 < len(identity) <= 254
    for amount in (event.value, *(product.price for product in event.products)):
        assert amount is None or amount.is_finite()
    for product in event.products:
        assert product.sku
        assert type(product.quantity) is int
        assert product.quantity >= 1
