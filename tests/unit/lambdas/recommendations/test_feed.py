"""The feed against an endpoint that throttles, fails, hangs up and rejects, through the real SDK."""

import time
from typing import Any

import pytest

from recommendations import handler
from recommendations.feed import Entry, Fed, Feed
from recommendations.interactions import Interaction
from tests.unit.lambdas.recommendations.conftest import Personalize


def entry(position: int, session: str = "session", event_id: str | None = None) -> Entry:
    interaction = Interaction(
        event_id=event_id or f"event-{position}",
        event_type="Product Clicked",
        session=session,
        user=f"user of {session}",
        item="shirt",
        sent_at=1_551_110_105,
        properties='{"itemId":"shirt"}',
    )
    return Entry(position, interaction)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def feed(personalize: Personalize, pauses: list[float]) -> Feed:
    handler.client.cache_clear()
    return Feed(handler.client(), "tracker", lambda: 60.0, pauses.append)


def ids(body: dict[str, Any]) -> set[str]:
    return {event["eventId"] for event in body["eventList"]}


def test_ten_of_a_session_share_a_call_and_keep_their_order(feed: Feed, personalize: Personalize):
    fed = feed.tell([entry(number) for number in range(25)])
    assert (fed.fed, fed.calls, fed.failed) == (25, 3, [])
    assert [len(body["eventList"]) for body in personalize.taken] == [10, 10, 5]
    assert personalize.told() == [f"event-{number}" for number in range(25)]
    assert personalize.taken[0]["trackingId"] == "tracker"


def test_sessions_and_users_never_share_a_call(feed: Feed, personalize: Personalize):
    anonymous = entry(1, "a")
    anonymous = anonymous._replace(interaction=anonymous.interaction._replace(user=None))
    assert feed.tell([entry(0, "a"), anonymous, entry(2, "b")]).fed == 3
    told = {(body.get("userId"), body["sessionId"], *ids(body)) for body in personalize.taken}
    assert told == {("user of a", "a", "event-0"), (None, "a", "event-1"), ("user of b", "b", "event-2")}
    assert [body for body in personalize.taken if "userId" in body and body["userId"] is None] == []


def test_an_event_that_stands_twice_in_a_batch_is_told_once(feed: Feed, personalize: Personalize):
    assert feed.tell([entry(0, event_id="same"), entry(1, event_id="same")]).fed == 1
    assert personalize.told() == ["same"]


def test_the_time_is_utc_wherever_the_function_runs(feed: Feed, personalize: Personalize, monkeypatch):
    for zone in ("America/Los_Angeles", "Asia/Kolkata", "UTC"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        feed.tell([entry(0)])
    monkeypatch.undo()
    time.tzset()
    assert {event["sentAt"] for body in personalize.calls for event in body["eventList"]} == {1_551_110_105}


@pytest.mark.parametrize("trouble", [(400, "ThrottlingException"), (503, "ServiceUnavailable"), "hang up"])
def test_what_passes_is_repeated_with_back_off(feed: Feed, personalize: Personalize, pauses: list[float], trouble):
    personalize.decide = lambda _: trouble if len(personalize.calls) < 4 else None
    fed = feed.tell([entry(0)])
    assert (fed.fed, fed.retried, fed.failed) == (1, 3, [])
    assert len(pauses) == 3
    assert personalize.told() == ["event-0"]


def test_a_session_that_stays_throttled_fails_alone_and_from_there_on(feed: Feed, personalize: Personalize):
    personalize.decide = lambda body: (
        (429, "TooManyRequestsException") if body["sessionId"] == "hot" and "event-30" in ids(body) else None
    )
    cold = [entry(number, "cold") for number in range(20)]
    fed = feed.tell([*cold, *(entry(number, "hot") for number in range(20, 45))])
    assert fed.failed == [30]
    assert fed.fed == 30
    assert sorted(personalize.told()) == sorted(f"event-{number}" for number in range(30))


def test_one_event_that_is_rejected_does_not_cost_its_neighbours(feed: Feed, personalize: Personalize):
    personalize.decide = lambda body: (400, "InvalidInputException") if {"event-3", "event-8"} & ids(body) else None
    fed = feed.tell([entry(number) for number in range(10)])
    assert [one.position for one in fed.rejected] == [3, 8]
    assert fed.rejected[0].message == "InvalidInputException: InvalidInputException it is"
    assert fed.fed == 8
    assert personalize.told() == [f"event-{number}" for number in range(10) if number not in (3, 8)]


def test_a_missing_permission_is_not_asked_again_and_loses_nothing(feed: Feed, personalize: Personalize):
    personalize.decide = lambda _: (403, "AccessDeniedException")
    fed = feed.tell([entry(0), entry(1)])
    assert (fed.failed, fed.errors, fed.rejected, len(personalize.calls)) == ([0], {"AccessDeniedException"}, [], 1)


def test_no_call_begins_that_could_not_end(personalize: Personalize, pauses: list[float]):
    handler.client.cache_clear()
    fed = Feed(handler.client(), "tracker", lambda: 0.0, pauses.append).tell([entry(0), entry(1, "other")])
    assert fed == Fed(failed=[0, 1], errors={"TimeLeft"})
    assert personalize.calls == []
