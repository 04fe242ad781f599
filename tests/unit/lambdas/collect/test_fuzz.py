"""Whatever anybody sends: an answer below 500, one log line, strict JSON in every store, and an Event or a reason."""

import contextlib
import io
import json
import resource
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from collect import handler as collect
from collect.configuration import Configuration
from collect.intake import MAX_LINES_BYTES
from collect.protocols import ROUTES
from collect.protocols.segment import MAX_BATCH_ELEMENTS
from collect.protocols.snowplow import MAX_ELEMENTS
from collect.reasons import Reason
from shared.events.decode import decode
from shared.events.event import Event, Undecodable
from shared.outlet import BAD, EVENTS, Delivered
from shared.puts import Item
from tests.unit.lambdas.collect.fuzzing import SECRET, request

KEY = b"0123456789abcdef0123456789abcdef"
WRITE_KEYS = frozenset({"local-write-key"})
CONFIGURATIONS = (
    Configuration(write_keys=WRITE_KEYS),
    Configuration(write_keys=WRITE_KEYS, full_addresses=True, consent=False),
    Configuration(write_keys=WRITE_KEYS, do_not_track=True, user_id_key=KEY),
)

# Of a request at most so many become lines, one each.
MAX_LINES = max(MAX_BATCH_ELEMENTS, MAX_ELEMENTS)
# Of 6 MB, which is what Lambda hands over, with what is made of it. A leak of a few KB a request would show, too.
MAX_GROWTH_BYTES = 150 * 1024 * 1024


class Caught:
    """An outlet that keeps the last request's lines."""

    def deliver(self, items: dict[str, list[Item]], _time_left: Callable[[], float]) -> Delivered:
        self.events, self.bad_rows = items[EVENTS], items[BAD]
        return Delivered()


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch, lines: Any) -> Callable[[int, int], Counter[str]]:
    """Sends so many requests of a seed through the function's entry, and says what became of them."""
    caught = Caught()
    monkeypatch.setattr(collect, "outlet", lambda: caught)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000)

    def send(seed: int, requests: int) -> Counter[str]:
        came_to: Counter[str] = Counter()
        for number in range(requests):
            event = request(seed, number)
            monkeypatch.setattr(collect, "CONFIGURATION", CONFIGURATIONS[number % len(CONFIGURATIONS)])
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                try:
                    answer = collect.handler(event, context)
                    check(answer, caught, printed.getvalue(), lines, collect.CONFIGURATION.do_not_track)
                except Exception as error:
                    raise AssertionError(f"request({seed}, {number})") from error
            came_to[str(answer["statusCode"])] += 1
            came_to["events"] += len(caught.events)
            came_to["bad rows"] += len(caught.bad_rows)
        return came_to

    return send


def check(answer: dict[str, Any], caught: Caught, printed: str, lines: Any, not_to_be_tracked: bool) -> None:
    """What holds of every request. not_to_be_tracked: whether visitors can ask for that."""
    status = answer["statusCode"]
    assert 200 <= status < 500, caught.bad_rows
    assert all("\n" not in value and "\r" not in value for value in map(str, answer["headers"].values()))
    (log,) = [line for line in map(json.loads, printed.splitlines()) if "_aws" not in line]
    assert log["route"] in KNOWN_ROUTES
    assert Reason.INTERNAL_ERROR not in log["bad"]
    assert log["accepted"] == len(caught.events)
    assert len(caught.events) + len(caught.bad_rows) <= MAX_LINES
    assert sum(len(item.data) for item in (*caught.events, *caught.bad_rows)) <= MAX_LINES_BYTES
    if status >= 400:
        assert not caught.events
    assert bool(log["bad"]) == bool(caught.bad_rows), "only who asks not to be tracked leaves neither"
    assert sum(log["bad"].values()) == len(caught.bad_rows)
    for row in lines(caught.bad_rows):
        assert row["reason"] in log["bad"]
    for item, line in zip(caught.events, lines(caught.events), strict=True):
        assert 1 <= len(item.key) <= 256
        assert 1 <= len(line["request"]["id"]) <= 36
        found = decode(item.data)
        assert isinstance(found, Event | Undecodable)
    said = json.dumps(answer) + printed + "".join(item.data.decode() for item in (*caught.events, *caught.bad_rows))
    assert SECRET not in said
    assert KEY.decode() not in said


KNOWN_ROUTES = {"other", *(f"{method} {path}" for method, path in ROUTES)}


def test_five_thousand_requests_leave_the_collector_as_it_was(fuzz: Any) -> None:
    came_to = fuzz(1, 5_000)
    # It is a fuzz of the rules only where enough of it gets past the first check.
    assert came_to["events"] > 500
    assert came_to["bad rows"] > 1_000
    assert {"200", "400", "404", "405", "413", "415"} <= came_to.keys()


@pytest.mark.slow
def test_two_hundred_thousand_requests_do_and_take_no_memory(fuzz: Any) -> None:
    fuzz(2, 2_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fuzz(3, 198_000)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MAX_GROWTH_BYTES
