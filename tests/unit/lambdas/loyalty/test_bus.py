"""The bus takes what it wants: here it refuses as told, which no emulator does."""

import json
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from loyalty.bus import put_in_order
from shared.bus import MAX_ENTRIES, Bus
from shared.effects import Effect


def decision(customer: str, sequence: int, send_promo: bool = False) -> Effect:
    detail = {"sequence": sequence, "send_promo": send_promo}
    return Effect(f"{customer} {sequence}", "PromotionDecided", customer, ("e1",), 1_795_000_000_123, detail)


class Events:
    """refuses: by the number of the entry, over all calls. fails: numbers of calls that fail as a whole."""

    def __init__(self, refuses: Sequence[int] = (), fails: Sequence[int] = ()) -> None:
        self.refuses, self.fails = set(refuses), set(fails)
        self.calls: list[list[dict[str, Any]]] = []
        self.taken: list[dict[str, Any]] = []
        self.asked = 0

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        self.calls.append(Entries)
        if len(self.calls) in self.fails:
            raise ClientError({"Error": {"Code": "InternalException"}}, "PutEvents")
        answer = []
        for entry in Entries:
            self.asked += 1
            refused = self.asked in self.refuses
            answer.append({"ErrorCode": "ThrottlingException"} if refused else {"EventId": "1"})
            if not refused:
                self.taken.append(json.loads(entry["Detail"]))
        return {"FailedEntryCount": sum("ErrorCode" in one for one in answer), "Entries": answer}


@given(
    customers=st.lists(st.sampled_from("abcdefghijklm"), max_size=60),
    refuses=st.sets(st.integers(1, 60), max_size=8),
    fails=st.sets(st.integers(1, 12), max_size=2),
)
def test_a_customers_decisions_keep_their_order_whatever_is_refused(customers, refuses, fails):
    effects = [decision(customer, customers[:place].count(customer)) for place, customer in enumerate(customers)]
    events = Events(sorted(refuses), sorted(fails))
    put = put_in_order(effects, Bus(events, "bus", "loyalty"))
    assert [one["effect_id"] for one in events.taken] == [effect.effect_id for effect in put.taken]
    for customer in set(customers):
        wanted = [effect.detail["sequence"] for effect in effects if effect.key == customer]
        taken = [one["sequence"] for one in events.taken if one["customer"] == customer]
        assert taken == wanted[: len(taken)], "what is taken is a beginning, with no gap"
        assert (taken != wanted) == (customer in put.stuck)


def test_a_call_has_ten_entries_of_ten_customers():
    effects = [decision(customer, sequence) for sequence in range(2) for customer in "abcdefghijkl"]
    events = Events()
    put_in_order(effects, Bus(events, "bus", "loyalty"))
    assert [len(call) for call in events.calls] == [MAX_ENTRIES, 2, MAX_ENTRIES, 2]


def test_an_entry_says_what_rules_match_and_people_read():
    events = Events()
    put_in_order([decision("k@x.org", 3, True)], Bus(events, "bus", "loyalty"))
    ((entry,),) = events.calls
    assert (entry["Source"], entry["DetailType"], entry["EventBusName"]) == (
        "headrace.loyalty",
        "PromotionDecided",
        "bus",
    )
    assert json.loads(entry["Detail"]) == {
        "effect_id": "k@x.org 3",
        "key": "k@x.org",
        "customer": "k@x.org",
        "sequence": 3,
        "send_promo": True,
        "decided_at": 1_795_000_000_123,
        "caused_by": ["e1"],
        "line": "Send additional promo code to: k@x.org, True",
    }
