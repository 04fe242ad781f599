"""The session rule in SQL against the same rule in plain Python, over random histories."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import duckdb
import pytest

from headrace import warehouse
from headrace.transform import Progress, build
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import Hit

GAP = timedelta(minutes=30)
NAMESPACE = uuid.UUID("1ff91478-1da1-431f-b1fd-3ec39fff283c")
# Around the rule's edge, inside a session, at the same moment, over a night, over months.
GAPS_MS = (0, 1, 250, 60_000, 1_799_999, 1_800_000, 1_800_001, 3_600_000, 43_200_000, 7_000_000_000)


@dataclass(frozen=True)
class Happened:
    request_id: str
    client_id: str
    occurred: timedelta


def sessions(hits: Iterable[Happened]) -> dict[str, str]:
    """The rule: request id to session id."""
    by_client = defaultdict(list)
    for hit in set(hits):
        by_client[hit.client_id].append(hit)
    found = {}
    for client_id, history in by_client.items():
        previous, session_id = None, ""
        for hit in sorted(history, key=lambda hit: (hit.occurred, hit.request_id)):
            if previous is None or hit.occurred - previous >= GAP:
                session_id = str(uuid.uuid5(uuid.uuid5(NAMESPACE, client_id), hit.request_id))
            found[hit.request_id] = session_id
            previous = hit.occurred
    return found


def history(chance: random.Random, client_id: str) -> list[Happened]:
    occurred, hits = timedelta(days=chance.randrange(300), milliseconds=chance.randrange(86_400_000)), []
    for _ in range(chance.choice((1, 1, 2, 3, 5, 12, 40))):
        hits.append(Happened(str(uuid.UUID(int=chance.getrandbits(128))), client_id, occurred))
        occurred += timedelta(milliseconds=chance.choice(GAPS_MS))
    return hits


@pytest.mark.parametrize("seed", [20240301])
def test_sessions_of_any_history_are_those_of_the_plain_rule_however_it_arrives(tmp_path, monkeypatch, seed):
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    files = raw_logs.stack(tmp_path)
    chance = random.Random(seed)
    happened = [hit for client in range(400) for hit in history(chance, f"client-{client}")]
    # Each hit arrives at some time after it happened, some more than once, in any order, spread over several objects.
    arrivals = []
    for hit in happened:
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            waited = chance.choice((0, 0, 5, 90_000, 86_400_000, 40_000_000_000))
            body = {"t": "pageview", "qt": waited if chance.random() < 0.5 else str(waited)}
            received = hit.occurred + timedelta(milliseconds=waited)
            arrivals.append(Hit(request_id=hit.request_id, client_id=hit.client_id, received=received, body=body))
    chance.shuffle(arrivals)
    for part in range(5):
        raw_logs.load(files, arrivals[part::5], object_name=f"raw/{part}.gz")

    progress = Progress()
    build(warehouse.find("local"), tmp_path / "dbt", progress)

    assert progress.failures == []
    with duckdb.connect(str(tmp_path / "local" / "warehouse.duckdb"), read_only=True) as database:
        found = dict(database.execute("select request_id, session_id from EVENTS.LOGS").fetchall())
        times = database.execute("select request_id, epoch_ms(occurred_at) from EVENTS.LOGS").fetchall()
        (counted,) = database.execute("select sum(pageviews) from STATS.OVERVIEW_1D").fetchone()
    assert found == sessions(happened)
    beginning = round(raw_logs.BEGINNING.timestamp() * 1000)
    expected = {hit.request_id: beginning + hit.occurred // timedelta(milliseconds=1) for hit in happened}
    assert dict(times) == expected
    assert counted == len(happened)
