"""The table of effects, in which one of two people had something decided for them."""

import uuid
from typing import Any

import boto3
import pytest

from headrace.applications.effects import read_effects
from headrace.forget.applications import Applications
from headrace.forget.person import Person
from headrace.trace.effects import caused
from shared.effects import Effect, EffectLog
from tests.integration.account import Account

MANY = frozenset(f"{number:036d}" for number in range(300))
ADA = Person(user_ids=frozenset({"ada"}), client_ids=MANY, emails=frozenset({"ada@example.org"}))


def effect(name: str, key: str, **detail: str) -> Effect:
    return Effect(name, "OfferSent", key, ("event-1",), 1_763_777_777_000, detail)


HERS = [
    effect("by-user", "ada"),
    effect("by-client", f"{299:036d}"),
    effect("by-address", "ada@example.org"),
    effect("told-of-her", "mail", to="Ada@example.org"),
]
HIS = [effect("his", "bob"), effect("another-address", "mail", to="nada@example.org")]


class Table:
    def __init__(self) -> None:
        self.dynamodb = boto3.client("dynamodb")
        self.name = f"effects-{uuid.uuid4().hex[:8]}"
        self.dynamodb.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "effect_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "effect_id", "AttributeType": "S"}],
        )
        self.log = EffectLog(self.dynamodb, self.name, "offers")

    def items(self) -> list[dict[str, Any]]:
        return self.dynamodb.scan(TableName=self.name)["Items"]

    def forget(self) -> None:
        found = Applications(self.dynamodb, {"effects_table": self.name})
        (store,) = found.stores()
        assert {one["effect_id"] for one in found.find(store, ADA)} == {one.effect_id for one in HERS}
        found.remove(store, ADA)
        assert found.find(store, ADA) == []


@pytest.fixture
def table(emulator: Account) -> Table:
    return Table()


def test_what_is_handed_over_once_more_is_not_done_again_though_nothing_says_for_whom(table: Table) -> None:
    for one in (*HERS, *HIS):
        assert table.log.once(one, lambda _: {"code": "c"})
    table.forget()
    bare = [item for item in table.items() if "key" not in item]
    assert {item["effect_id"]["S"] for item in bare} == {one.effect_id for one in HERS}
    assert {name for item in bare for name in item} == {"effect_id", "performed_at", "expires_at"}
    assert not any(table.log.once(one, lambda _: {}) for one in (*HERS, *HIS))
    assert len(table.items()) == len(HERS) + len(HIS)


def test_what_was_not_done_by_then_never_will_be(table: Table) -> None:
    def fail(_: Effect) -> dict[str, str]:
        raise ConnectionError

    for one in HERS:
        with pytest.raises(ConnectionError):
            table.log.once(one, fail)
    table.forget()
    assert not any(table.log.once(one, lambda _: {}) for one in HERS)


def test_who_reads_the_table_sees_only_what_is_whole(table: Table) -> None:
    for one in (*HERS, *HIS):
        table.log.once(one, lambda _: {})
    table.forget()
    assert {one.effect_id for one in read_effects(table.dynamodb, table.name).rows} == {one.effect_id for one in HIS}
    assert caused(table.dynamodb, table.name, "by-user") == []
