"""Functions that die, services that refuse, two at once: each conversion is decided, announced and counted once."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from loyalty import loading
from shared.states import StateTable

MEMBERS = "".join(f"c{n}@x.org, , , F\n" for n in range(0, 12, 2))
LINES = [f"Hoodie, ClickConversion, c{n % 6}@x.org, Facebook\n" if n % 3 else "nonsense\n" for n in range(16)]
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


def throttled(code: str = "ProvisionedThroughputExceededException") -> ClientError:
    return ClientError({"Error": {"Code": code}}, "Write")


def check(stack) -> None:
    stack.announce()
    assert stack.counts() == {("Hoodie", "ClickConversion", "Facebook"): (GOOD, PROMOS)}
    heard = [message["detail"]["decision_id"] for message in stack.decisions()]
    assert len(heard) == len(set(heard)) == GOOD
    note = stack.note("conversions/june.txt")
    assert (note["state"], note["loaded"], note["duplicates"]) == ("loaded", GOOD, 0)
    assert note["refused_by_reason"] == {"unknown_conversion": len(LINES) - GOOD}
    kept = {row["request"]["id"]: row["message"].partition(":")[0] for row in stack.bad_rows()}
    assert sorted(kept.values()) == sorted(f"line {n}" for n, line in enumerate(LINES, 1) if line == "nonsense\n")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("name", "at"), [("save_all", 1), ("save_all", 3), ("save", 1), ("save", 3)])
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
