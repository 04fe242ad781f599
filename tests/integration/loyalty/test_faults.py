"""Functions that die, services that refuse, two at once: each conversion is decided, announced and counted once."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from loyalty import loading
from shared.states import StateTable
from tests.integration.account import Account
from tests.integration.faults import ANSWER_LOST, BROKEN, THROTTLED, Faults, Refusal, faults

MEMBERS = "".join(f"c{n}@x.org, , , F\n" for n in range(0, 12, 2))
LINES = [f"Hoodie, ClickConversion, c{n % 6}@x.org, Facebook\n" if n % 3 else "nonsense\n" for n in range(16)]
CLICK = "Hoodie, ClickConversion, c0@x.org, Facebook\n"
PURCHASE = json.dumps(
    {
        "type": "track",
        "event": "Order Completed",
        "messageId": "m1",
        "userId": "c0@x.org",
        "timestamp": "2026-11-20T12:00:00.000Z",
    }
).encode()
GOOD = sum(line != "nonsense\n" for line in LINES)
PROMOS = sum(line != "nonsense\n" and n % 6 % 2 == 0 for n, line in enumerate(LINES))


class Killed(BaseException):
    """As if the function's process were gone: no handler of errors sees it."""


def failing(
    monkeypatch: pytest.MonkeyPatch, place: type, name: str, at: int, error: BaseException, after: bool
) -> None:
    """Has the call number `at` of a method end in an error, before or after it has done its work."""
    real: Callable[..., Any] = getattr(place, name)
    calls = itertools.count(1)

    def called(*arguments: Any, **named: Any) -> Any:
        fails = next(calls) == at
        if fails and not after:
            raise error
        answer = real(*arguments, **named)
        if fails:
            raise error
        return answer

    monkeypatch.setattr(place, name, called)


@pytest.fixture
def through(emulator: Account, stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    """A proxy before DynamoDB, which the functions of `stack` go through."""
    with faults(emulator.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", proxy.url)
        stack.forget_clients()
        yield proxy


def check(stack) -> None:
    stack.announce()
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (GOOD, PROMOS)}
    heard = [message["detail"]["effect_id"] for message in stack.decisions(GOOD)]
    assert len(heard) == len(set(heard)) == GOOD
    note = stack.note("conversions/june.txt")
    assert (note["state"], note["loaded"], note["duplicates"]) == ("loaded", GOOD, 0)
    assert note["refused_by_reason"] == {"unknown_conversion": len(LINES) - GOOD}
    kept = {row["request"]["id"]: row["message"].partition(":")[0] for row in stack.bad_rows()}
    assert sorted(kept.values()) == sorted(f"line {n}" for n, line in enumerate(LINES, 1) if line == "nonsense\n")


@pytest.mark.parametrize(
    ("name", "at", "after"),
    [("save_all", 1, False), ("save_all", 3, True), ("save", 1, False), ("save", 3, False), ("save", 3, True)],
)
def test_a_function_killed_amid_a_file_is_taken_over(stack, monkeypatch, name, at, after):
    stack.drop("loyalty/members/list.csv", MEMBERS)
    stack.load()
    monkeypatch.setattr(loading, "LINES_AT_A_TIME", 4)
    stack.drop("loyalty/conversions/june.txt", "".join(LINES))
    message = stack.receive()
    with monkeypatch.context() as patch:
        failing(patch, StateTable, name, at, Killed(), after)
        with pytest.raises(Killed):
            stack.hand_over(message)
    stack.hand_over(message)
    check(stack)


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        ("BatchGetItem", BROKEN),
        ("PutItem", ANSWER_LOST),
        ("TransactWriteItems", ANSWER_LOST),
        ("TransactWriteItems", THROTTLED),
    ],
    ids=lambda value: value if isinstance(value, str) else value.code + " performed" * value.performed,
)
def test_a_service_that_refuses_for_a_while_costs_nothing(stack, through, operation, refusal):
    stack.drop("loyalty/members/list.csv", MEMBERS)
    stack.load()
    through.refuse(operation, refusal, times=1)
    stack.drop("loyalty/conversions/june.txt", "".join(LINES))
    message = stack.receive()
    while stack.hand_over(message)["batchItemFailures"]:
        assert (operation, refusal) == ("PutItem", ANSWER_LOST), "looks as if another function were at the file"
    through.refuse(operation, refusal, times=1)
    check(stack)


def test_a_file_waits_for_a_service_that_is_down(stack, through):
    stack.drop("loyalty/members/list.csv", MEMBERS)
    stack.load()
    through.refuse("TransactWriteItems", Refusal("AccessDeniedException", 400), times=1)
    stack.drop("loyalty/conversions/june.txt", "".join(LINES))
    message = stack.receive()
    assert stack.hand_over(message) == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    assert stack.hand_over(message) == {"batchItemFailures": []}
    check(stack)


def test_a_file_and_a_stream_on_one_customer_at_once(stack, monkeypatch):
    """Between reading and writing of the one, the other writes: neither loses a conversion."""
    stack.drop("loyalty/conversions/june.txt", CLICK)
    real = StateTable.save_all
    others = iter([PURCHASE])

    def overtaken(table: StateTable, changed: Any) -> None:
        for other in others:
            stack.stream([other])
        real(table, changed)

    monkeypatch.setattr(StateTable, "save_all", overtaken)
    stack.load()
    stack.announce()
    heard = sorted((message["detail"] for message in stack.decisions(2)), key=lambda detail: detail["sequence"])
    assert [(one["conversion"], one["send_promo"]) for one in heard] == [
        ("PurchaseConversion", False),
        ("ClickConversion", True),
    ]


def test_two_functions_on_one_file_take_each_line_once(stack, monkeypatch):
    stack.drop("loyalty/members/list.csv", MEMBERS)
    stack.load()
    monkeypatch.setattr(loading, "LINES_AT_A_TIME", 4)
    stack.drop("loyalty/conversions/june.txt", "".join(LINES))
    message = stack.receive()
    real, others = StateTable.save_all, iter([message])

    def overtaken(table: StateTable, changed: Any) -> None:
        for other in others:
            assert stack.hand_over(other) == {"batchItemFailures": []}
        real(table, changed)

    monkeypatch.setattr(StateTable, "save_all", overtaken)
    assert stack.hand_over(message) == {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
    assert stack.hand_over(message) == {"batchItemFailures": []}
    stack.announce()
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (GOOD, PROMOS)}
