"""What one bad thing in a batch costs the others: nothing."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.effects import Effect, effect_id
from shared.events.event import Event
from shared.processing import Refused, process
from shared.states import Stored
from tests.integration.offers.records import BEGIN, Record, batch, hit
from tests.unit.lambdas.offers.memory import MemoryTable


class Skus:
    """Which skus were put into carts, by client. It can not step `poison`, nor find a key for `lost`."""

    def key(self, event: Event) -> str | Sequence[str] | None:
        if "lost" in event.skus:
            raise ZeroDivisionError
        return event.client_id if event.skus else None

    def step(self, state: frozenset[str], event: Event) -> tuple[frozenset[str], Sequence[Effect]]:
        if "poison" in event.skus:
            raise ZeroDivisionError
        if event.skus <= state:
            return state, ()
        effect = Effect(effect_id("skus", event.event_id), "Added", "key", (event.event_id,), event.occurred_at, {})
        return state | event.skus, [effect]

    def read(self, key: str, stored: Stored) -> frozenset[str]:
        if key == "broken":
            raise KeyError(key)
        return frozenset(stored.attributes.get("skus", ()))

    def write(self, state: frozenset[str]) -> dict[str, Any]:
        return {"skus": set(state)}


def added(event_id: str, client: str, *skus: str) -> Record:
    return hit(event_id, "add", BEGIN, client=client, skus=skus)


class Run:
    def __init__(self) -> None:
        self.table, self.refused = MemoryTable(), list[str]()

    def __call__(self, *records: Record) -> list[str]:
        def refuse(refused: Sequence[Refused]) -> list[str]:
            self.refused += [one.record.sequence for one in refused]
            return []

        return [
            one["itemIdentifier"] for one in process(batch(records), Skus(), self.table, refuse)["batchItemFailures"]
        ]

    def skus(self, key: str) -> set[str]:
        return self.table.items[key].attributes["skus"]


@pytest.fixture
def run() -> Run:
    return Run()


def test_a_key_is_written_once_a_batch_with_all_its_effects(run: Run):
    assert run(added("1", "a", "x"), added("2", "a", "y"), added("3", "b", "z")) == []
    assert run.skus("a") == {"x", "y"}
    assert {key: item.version for key, item in run.table.items.items()} == {"a": 1, "b": 1}
    assert [effect.caused_by for effect in run.table.effects] == [("1",), ("2",), ("3",)]


def test_a_batch_that_is_repeated_writes_nothing(run: Run):
    for _ in range(2):
        assert run(added("1", "a", "x")) == []
    assert run.table.items["a"].version == 1


def test_what_came_before_a_poison_event_counts_and_other_keys_go_on(run: Run):
    assert run(added("1", "a", "x"), added("2", "a", "poison"), added("3", "a", "y"), added("4", "b", "z")) == ["2"]
    assert run.skus("a") == {"x"}
    assert run.skus("b") == {"z"}


@pytest.mark.parametrize("bad", [added("1", "broken", "x"), added("1", "a", "lost")])
def test_an_item_or_a_key_that_can_not_be_had_fails_alone(run: Run, bad: Record):
    assert run(bad, added("2", "b", "z")) == ["1"]
    assert run.skus("b") == {"z"}


def test_what_comes_again_is_not_processed_yet(run: Run, printed: Any):
    """Also what stood behind the first failure and was no failure itself."""
    run(added("1", "ann", "shirt"), added("2", "bob", "poison"), added("3", "cid", "mug"))
    (totals,) = [line for line in printed() if "_aws" in line]
    assert (totals["Processed"], totals["Failed"]) == (1, 2)


def test_what_comes_again_is_not_refused_before_it_comes_the_last_time(run: Run):
    nonsense = Record(b"nonsense", BEGIN)
    assert run(nonsense, added("2", "a", "poison"), nonsense) == ["2"]
    assert run.refused == ["1"], "Lambda repeats from the second on"


def test_what_can_not_be_refused_fails(run: Run):
    answer = process(batch([Record(b"nonsense", BEGIN)]), Skus(), run.table, lambda _refused: ["1"])
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_the_log_names_what_was_wrong_and_nobody(run: Run, printed: Any):
    run(added("1", "a", "poison"))
    line = printed()[0]
    assert line["level"] == "WARNING"
    assert line["errors"] == ["ZeroDivisionError"]
    assert "poison" not in str(line)
