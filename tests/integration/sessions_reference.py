"""The session rule in plain Python, to hold the SQL against."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

GAP = timedelta(minutes=30)
LONGEST = timedelta(days=3)
NAMESPACE = uuid.UUID("1ff91478-1da1-431f-b1fd-3ec39fff283c")


@dataclass(frozen=True)
class Happened:
    """An event. occurred: when, counted from any beginning."""

    request_id: str
    client_id: str
    occurred: timedelta


def sessions(events: Iterable[Happened]) -> dict[str, str]:
    """Request id to session id.

    A client's events with no gap of GAP or more are one session, cut every LONGEST from the first of them.
    """
    by_client = defaultdict(list)
    for event in set(events):
        by_client[event.client_id].append(event)
    found = {}
    for client_id, history in by_client.items():
        previous = since = timedelta()
        part, session_id = None, ""
        for event in sorted(history, key=lambda event: (event.occurred, event.request_id)):
            if part is None or event.occurred - previous >= GAP:
                since, part = event.occurred, None
            if (event.occurred - since) // LONGEST != part:
                part = (event.occurred - since) // LONGEST
                session_id = str(uuid.uuid5(uuid.uuid5(NAMESPACE, client_id), event.request_id))
            found[event.request_id] = session_id
            previous = event.occurred
    return found
