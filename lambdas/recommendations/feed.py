"""PutEvents: ten interactions of one user and session a call, in their order; sessions beside each other.

Throttles, errors of the service and time-outs are repeated with back-off, and then fail the session's records from
there on; what the service rejects is halved until the interaction it can not take stands alone. Personalize ignores an
event id that it has seen, so whatever is put again is still told once.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from recommendations.interactions import Interaction
from shared.puts import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, MAX_ATTEMPTS

MAX_EVENTS = 10  # of one PutEvents
CONNECTIONS = 8  # an answer takes tens of milliseconds: in a batch of strangers each would wait for all before it

# What the next attempt would meet again: the events are at fault.
REJECTIONS = frozenset({"InvalidInputException", "ValidationException"})
# And here the stack's permissions or its tracker.
PERMANENT = frozenset({"AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException"})

MAX_MESSAGE_CHARACTERS = 300


class Entry(NamedTuple):
    """An interaction, and the position in the batch of the record it came from."""

    position: int
    interaction: Interaction


class Rejected(NamedTuple):
    """What the service will not take. message: its own words."""

    position: int
    message: str


@dataclass(slots=True)
class Fed:
    """How it went. fed: interactions told. failed: positions of the first record of each session that was not told."""

    fed: int = 0
    calls: int = 0
    retried: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    errors: set[str] = field(default_factory=set)

    def __iadd__(self, other: "Fed") -> "Fed":
        self.fed += other.fed
        self.calls += other.calls
        self.retried += other.retried
        self.rejected += other.rejected
        self.failed += other.failed
        self.errors |= other.errors
        return self


class Given(Exception):
    """A call was given up. Its text is the error's code."""


class Feed:
    """A tracker of Personalize. time_left: seconds until no further call may begin. pause: takes seconds."""

    def __init__(
        self, client: Any, tracking_id: str, time_left: Callable[[], float], pause: Callable[[float], None]
    ) -> None:
        self._client, self._tracking_id, self._time_left, self._pause = client, tracking_id, time_left, pause

    def tell(self, entries: Sequence[Entry]) -> Fed:
        """Tells all of them. Raises nothing of botocore's."""
        sessions = by_session(entries)
        whole = Fed()
        if len(sessions) == 1:
            whole += self._tell_session(sessions[0])
        elif sessions:
            with ThreadPoolExecutor(min(CONNECTIONS, len(sessions))) as connections:
                for fed in connections.map(self._tell_session, sessions):
                    whole += fed
        return whole

    def _tell_session(self, entries: Sequence[Entry]) -> Fed:
        """One user's session, in order: what follows a call that failed waits behind it."""
        fed = Fed()
        for start in range(0, len(entries), MAX_EVENTS):
            if not self._put(entries[start : start + MAX_EVENTS], fed):
                break
        return fed

    def _put(self, entries: Sequence[Entry], fed: Fed) -> bool:
        """One call, or its halves where it is rejected. Returns False where it was given up."""
        try:
            rejection = self._call(entries, fed)
        except Given as error:
            fed.failed.append(entries[0].position)
            fed.errors.add(str(error))
            return False
        if rejection is None:
            fed.fed += len(entries)
            return True
        if len(entries) == 1:
            fed.rejected.append(Rejected(entries[0].position, rejection))
            return True
        middle = len(entries) // 2
        return self._put(entries[:middle], fed) and self._put(entries[middle:], fed)

    def _call(self, entries: Sequence[Entry], fed: Fed) -> str | None:
        """Returns why the service rejects it, None where it was taken. Raises Given."""
        code = "TimeLeft"
        for pause_seconds in pauses():
            if self._time_left() <= pause_seconds:
                break
            if pause_seconds:
                self._pause(pause_seconds)
                fed.retried += 1
            fed.calls += 1
            try:
                self._client.put_events(**request(self._tracking_id, [entry.interaction for entry in entries]))
            except ParamValidationError as error:  # the SDK knows before the service does
                return str(error)[:MAX_MESSAGE_CHARACTERS]
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in REJECTIONS:
                    return f"{code}: {error.response['Error'].get('Message', '')}"[:MAX_MESSAGE_CHARACTERS]
                if code in PERMANENT:
                    break
            except BotoCoreError as error:
                code = type(error).__name__
            else:
                return None
        raise Given(code)


def by_session(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The entries of each user and session, in their order, each event id once."""
    sessions: dict[tuple[str | None, str], dict[str, Entry]] = {}
    for entry in entries:
        one = entry.interaction
        sessions.setdefault((one.user, one.session), {}).setdefault(one.event_id, entry)
    return [list(session.values()) for session in sessions.values()]


def pauses() -> Iterator[float]:
    """Seconds to wait before each attempt: none, then exponential back-off with full jitter."""
    yield 0
    for attempt in range(MAX_ATTEMPTS - 1):
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
        yield random.uniform(0, longest)  # noqa: S311 -- spreads load, keeps no secret


def request(tracking_id: str, found: Sequence[Interaction]) -> dict[str, Any]:
    """The arguments of PutEvents for interactions of one user and session."""
    arguments = {
        "trackingId": tracking_id,
        "sessionId": found[0].session,
        "eventList": [event(interaction) for interaction in found],
    }
    return arguments if found[0].user is None else {**arguments, "userId": found[0].user}


def event(interaction: Interaction) -> Mapping[str, Any]:
    optional = {"eventValue": interaction.value, "recommendationId": interaction.recommendation}
    return {
        "eventId": interaction.event_id,
        "eventType": interaction.event_type,
        "itemId": interaction.item,
        # Aware: botocore takes a time without a zone, or a bare number, for the machine's own zone.
        "sentAt": datetime.fromtimestamp(interaction.sent_at, UTC),
        "properties": interaction.properties,
        **{name: value for name, value in optional.items() if value is not None},
    }
