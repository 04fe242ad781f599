"""The tables behind every application, on the emulator's DynamoDB: reads, conditional writes, effects done once."""

import threading
import uuid
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from shared.effects import LEASE_SECONDS, Claimed, Effect, EffectLog, encode_effects
from shared.performing import PAUSE_SECONDS, perform_all
from shared.records import plain
from shared.states import NOTHING, Changed, Conflict, StateTable, Stored, Unread
from tests.integration.account import Account

EFFECT = Effect("effect-1", "Told", "ann", ("event-1", "event-2"), 1_763_777_777_000, {"what": "it"})


@pytest.fixture(scope="module")
def dynamodb(emulator: Account) -> Any:
    return boto3.client("dynamodb")


@pytest.fixture
def name(dynamodb: Any) -> str:
    """A new table with the key `id`, and one of effects, whose name begins with it."""
    name = f"table-{uuid.uuid4().hex[:8]}"
    for table, key in ((name, "id"), (f"{name}-effects", "effect_id")):
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        )
    return name


@pytest.fixture
def table(dynamodb: Any, name: str) -> StateTable:
    return StateTable(dynamodb, name, "id", pause=lambda _seconds: None)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def effect_log(dynamodb: Any, name: str, clock: Clock) -> EffectLog:
    return EffectLog(dynamodb, f"{name}-effects", "tests", clock)


def done(_effect: Effect) -> Mapping[str, Any]:
    return {"said": "yes"}


def test_what_was_saved_is_loaded_and_what_was_not_is_nothing(table: StateTable):
    table.save("ann", {"skus": {"a", "b"}, "none": None, "empty": set()}, 0)
    assert table.load(["ann", "bob"]) == {"ann": Stored({"skus": {"a", "b"}}, 1), "bob": NOTHING}
    assert table.load([]) == {}


def test_more_keys_than_one_call_takes_are_loaded(table: StateTable):
    keys = [f"key-{number}" for number in range(205)]
    for key in keys[::50]:
        table.save(key, {"mine": key}, 0)
    assert [key for key, stored in table.load(keys).items() if stored.version] == keys[::50]


def test_keys_that_dynamodb_leaves_out_are_asked_for_again_and_not_for_ever(
    table: StateTable, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
):
    table.save("ann", {"a": "1"}, 0)
    whole, refusals = dynamodb.batch_get_item, [3]

    def leaves_out(RequestItems: Any) -> Any:
        if refusals[0]:
            refusals[0] -= 1
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        return whole(RequestItems=RequestItems)

    monkeypatch.setattr(dynamodb, "batch_get_item", leaves_out)
    assert table.load(["ann"])["ann"].version == 1
    refusals[0] = 100
    with pytest.raises(Unread):
        table.load(["ann"])


def test_of_two_who_read_the_same_the_second_to_write_conflicts(table: StateTable):
    table.save("ann", {"by": "first"}, 0)
    for version in (0, 2):
        with pytest.raises(Conflict):
            table.save("ann", {"by": "second"}, version)
    assert table.load(["ann"])["ann"].attributes == {"by": "first"}


def test_several_items_are_replaced_all_or_none(table: StateTable):
    table.save("ann", {}, 0)
    with pytest.raises(Conflict):
        table.save_all([Changed("bob", {"a": "1"}, 0), Changed("ann", {"a": "1"}, 0)])
    assert table.load(["bob"])["bob"] == NOTHING
    table.save_all([Changed("bob", {"a": "1"}, 0), Changed("ann", {"a": "1"}, 1)])
    assert {stored.version for stored in table.load(["ann", "bob"]).values()} == {1, 2}


def test_an_effect_is_performed_once_and_its_row_says_why_and_what_came_of_it(
    effect_log: EffectLog, dynamodb: Any, name: str
):
    assert effect_log.once(EFFECT, done) is True
    assert effect_log.once(EFFECT, done) is False
    (item,) = dynamodb.scan(TableName=f"{name}-effects")["Items"]
    row = plain(item)
    assert row["caused_by"] == ["event-1", "event-2"]
    assert row["result"] == '{"said":"yes"}'
    assert row["performed_at"] == 1_000_000_000
    assert "claimed_until" not in row


def test_of_two_functions_at_once_one_performs(effect_log: EffectLog):
    inside, go_on = threading.Event(), threading.Event()

    def slow(_effect: Effect) -> Mapping[str, Any]:
        inside.set()
        go_on.wait(5)
        return {}

    first = threading.Thread(target=effect_log.once, args=(EFFECT, slow))
    first.start()
    inside.wait(5)
    with pytest.raises(Claimed) as claimed:
        effect_log.once(EFFECT, done)
    go_on.set()
    first.join()
    assert 0 < claimed.value.seconds <= LEASE_SECONDS
    assert effect_log.once(EFFECT, done) is False


def test_a_failed_attempt_can_be_followed_at_once_and_leaves_what_it_kept(
    effect_log: EffectLog, dynamodb: Any, name: str
):
    def fails(effect: Effect) -> Mapping[str, Any]:
        effect_log.keep(effect, "code", "first")
        raise ZeroDivisionError

    def works(effect: Effect) -> Mapping[str, Any]:
        return {"code": effect_log.keep(effect, "code", "second")["code"]}

    with pytest.raises(ZeroDivisionError):
        effect_log.once(EFFECT, fails)
    assert dynamodb.scan(TableName=f"{name}-effects")["Items"][0]["error"] == {"S": "ZeroDivisionError"}
    assert effect_log.once(EFFECT, works) is True
    (item,) = dynamodb.scan(TableName=f"{name}-effects")["Items"]
    assert item["result"] == {"S": '{"code":"first"}'}
    assert "error" not in item


def test_who_died_is_followed_when_the_lease_is_over_and_not_before(effect_log: EffectLog, clock: Clock):
    def dies(_effect: Effect) -> Mapping[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        effect_log.once(EFFECT, dies)
    clock.now += LEASE_SECONDS - 1
    with pytest.raises(Claimed):
        effect_log.once(EFFECT, done)
    clock.now += 2
    assert effect_log.once(EFFECT, done) is True


def test_what_follows_a_failed_effect_under_its_key_waits_and_other_keys_do_not(effect_log: EffectLog):
    def ann_is_out(effect: Effect) -> Mapping[str, Any]:
        if effect.effect_id == "first":
            raise ZeroDivisionError
        order.append(effect.effect_id)
        return {}

    order: list[str] = []
    pauses: list[float] = []
    effects = [EFFECT._replace(effect_id=one, key=key) for one, key in (("first", "ann"), ("second", "ann"))]
    other = EFFECT._replace(effect_id="third", key="bob")
    answer = perform_all(changes_with(*effects, other), effect_log, ann_is_out, pauses.append)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert order == ["third"]
    assert pauses == [PAUSE_SECONDS], "so that Lambda's attempts last longer than a short outage"


def changes_with(*effects: Effect) -> dict[str, Any]:
    """One change an effect, as a table's stream hands them over."""
    return {
        "Records": [
            {
                "dynamodb": {
                    "SequenceNumber": str(number),
                    "Keys": {"id": {"S": effect.key}},
                    "NewImage": {"id": {"S": effect.key}, "effects": {"S": encode_effects([effect])}},
                }
            }
            for number, effect in enumerate(effects, start=1)
        ]
    }
