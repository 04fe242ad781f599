"""A random history that arrives in any order and in several loads: what increments make of it, step by step.

Held against the session rule in plain Python, against a full refresh, and against what the live views had said before.
"""

import itertools
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from headrace import accounts, dbt, user_agents, warehouse
from tests.integration.sessions_reference import GAP, LONGEST, Happened, sessions
from tests.unit.headrace import raw_logs
from tests.unit.headrace.raw_logs import Hit

SEED = 20240301
LOADS = 3
MILLISECOND = timedelta(milliseconds=1)
# Around the rule's edge, inside a session, at the same moment, over a night, over months.
PAUSES = [GAP * n for n in (0, 0.1, 0.9, 24, 5000)] + [GAP - MILLISECOND, GAP, GAP + MILLISECOND, MILLISECOND]
# A robot's: it never rests, or once in a while.
RESTLESS = [GAP * 0.6, GAP * 0.7, GAP - MILLISECOND]
TABLES = [
    *("logs", "sessions", "pageviews", "events", "searches", "product_actions", "purchases", "user_agents"),
    *("product_impressions", "promotions"),
]
STATISTICS = ["overview_1h", "overview_1d", "funnel_1d", "product_stats_1d", "data_quality"]


@dataclass(frozen=True)
class Story:
    """What was seen. live, built: each table's rows after each load, before and after the run that followed."""

    happened: list[Happened]
    received: dict[str, timedelta]
    """When each event's first copy was received."""
    live: list[dict[str, list[tuple]]] = field(default_factory=list)
    built: list[dict[str, list[tuple]]] = field(default_factory=list)
    times: list[list[tuple]] = field(default_factory=list)
    """The times of the runs that the tables' rows are from, after each run."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("headrace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADRACE_HOME", str(home))
        yield home


@pytest.fixture(scope="module")
def story(stack: Path) -> Story:
    """The increments: one load after the other, then a run with nothing new, then a full refresh."""
    chance = random.Random(SEED)
    files = raw_logs.stack(stack)
    happened = [event for client in range(80) for event in history(chance, f"client-{client}")]
    arrivals = [hit for event in happened for hit in copies(chance, event)]
    chance.shuffle(arrivals)
    received: dict[str, timedelta] = {}
    for hit in arrivals:
        assert hit.request_id is not None
        received[hit.request_id] = min(hit.received, received.get(hit.request_id, hit.received))
    told = Story(happened, received)
    cuts = [0, *sorted(chance.sample(range(len(arrivals)), LOADS - 1)), len(arrivals)]
    for number, (begin, end) in enumerate(itertools.pairwise(cuts)):
        raw_logs.load(files, arrivals[begin:end], object_name=f"raw/{number}.gz")
        if number:
            told.live.append(tables(stack, "EVENTS_LIVE", TABLES))
        run(stack, told)
    # An object that is loaded again, as a replay does.
    raw_logs.load(files, arrivals[: cuts[1]], object_name="raw/0.gz", loaded=raw_logs.LOADED + timedelta(minutes=1))
    run(stack, told)
    run(stack, told)
    run(stack, told, "--full-refresh")
    return told


def history(chance: random.Random, client_id: str) -> list[Happened]:
    occurred, events = timedelta(days=chance.randrange(20), milliseconds=chance.randrange(86_400_000)), []
    robot = chance.random() < 0.05
    for _ in range(300 if robot else chance.choice((1, 1, 2, 3, 5, 12, 40))):
        events.append(Happened(str(uuid.UUID(int=chance.getrandbits(128))), client_id, occurred))
        occurred += chance.choice(RESTLESS if robot and chance.random() < 0.99 else PAUSES)
    return events


def copies(chance: random.Random, event: Happened) -> Iterator[Hit]:
    """An event as it arrives: some time after it happened, once or more, in any order.

    What it says is its own; when it happened differs a little between some copies, as clocks and networks do.
    """
    own = random.Random(event.request_id)
    body: dict[str, Any] = own.choice(
        [
            {"t": "pageview", "dl": f"https://shop.example/{own.randrange(9)}"},
            {"t": "pageview", "dl": "https://shop.example/?q=shoes"},
            {"t": "event", "ec": "search", "el": "Shoes", "ev": "many"},
            {"t": "event", "pa": "detail", "pr1id": "a", "pr2id": "b", "pr2pr": "cheap"},
            {"t": "event", "pa": "add", "pr1id": "a", "uid": f"user-{own.randrange(3)}"},
            {
                "t": "event",
                "pa": "purchase",
                "ti": f"T{own.randrange(30)}",
                "tr": own.choice(["5", "7.5"]),
                "pr1id": "a",
            },
            # The older e-commerce: transactions and their items come apart, on other days too, and more than once.
            {"t": "transaction", "ti": f"O{own.randrange(8)}", "tr": "5"},
            {"t": "item", "ti": f"O{own.randrange(8)}", "ic": own.choice("ab"), "iq": own.choice(["1", "2"])},
            {"t": "pageview", "il1nm": "Hot", "il1pi1id": "a", "promo1id": "sale"},
            {"type": "track", "event": "Product Added", "properties": {"sku": "a", "price": "cheap"}},
            {"type": "track", "event": "Order Completed", "properties": {"order_id": f"T{own.randrange(30)}"}},
            {"e": "ti", "ti_id": f"O{own.randrange(8)}", "ti_sk": own.choice("ab"), "ti_qu": "many"},
        ]
    )
    protocol = "segment" if "type" in body else "snowplow" if "e" in body else "google-analytics-v1"
    agent = own.choice(["Mozilla/5.0", "mozilla/5.0", "Googlebot/2.1"])
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        waited = chance.choice((0, 0, 5, 90_000, 86_400_000, 40_000_000_000))
        # Seldom, or no robot would be seen that never rests.
        late = chance.choice((0,) * 30 + (1, 1_800_000, 90_000_000))
        received = event.occurred + timedelta(milliseconds=waited + late)
        yield Hit(
            request_id=event.request_id,
            client_id=event.client_id,
            received=received,
            body={**body, **_when(protocol, received, waited, chance), "ua": agent},
            context={"protocol": protocol, "user_agent": agent},
        )


def _when(protocol: str, received: timedelta, waited: int, chance: random.Random) -> dict[str, Any]:
    """How a tracker says that a hit had waited so many milliseconds when it was received."""
    match protocol:
        case "segment":
            happened = raw_logs.BEGINNING + received - timedelta(milliseconds=waited)
            return {"timestamp": f"{happened:%Y-%m-%dT%H:%M:%S}.{happened.microsecond // 1000:03}Z"}
        case "snowplow":
            return {"dtm": "1000", "stm": str(1000 + waited)}
    return {"qt": chance.choice((waited, str(waited)))}


def run(home: Path, story: Story, *options: str) -> None:
    """The models alone: their data tests have tests of their own."""
    place = warehouse.find("local")
    accounts.make_table(place)
    result = dbt.run(place, home / "dbt", "run", *options)
    assert {str(one.status) for one in result.results} == {"success"}
    story.built.append(tables(home, "EVENTS", TABLES) | tables(home, "STATS", STATISTICS))
    with duckdb.connect(str(home / "local" / "warehouse.duckdb"), read_only=True) as database:
        story.times.append(
            database.execute("select created_at, count(*) from EVENTS.logs group by 1 order by 1").fetchall()
        )


def tables(home: Path, schema: str, names: list[str]) -> dict[str, list[tuple]]:
    """Every column but the time of the run, as text, in a fixed order of rows."""
    with duckdb.connect(str(home / "local" / "warehouse.duckdb"), read_only=True) as database:
        user_agents.register(database)
        found = {}
        for name in names:
            columns = [row[0] for row in database.execute(f"describe {schema}.{name}").fetchall()]
            selected = ", ".join(f"{column}::varchar" for column in columns if column != "created_at")
            found[name] = sorted(database.execute(f"select {selected} from {schema}.{name}").fetchall(), key=str)
        return found


def test_sessions_are_those_of_the_plain_rule(story, stack):
    with duckdb.connect(str(stack / "local" / "warehouse.duckdb"), read_only=True) as database:
        rows = database.execute("select request_id, session_id, occurred_at from EVENTS.logs").fetchall()
    beginning = raw_logs.BEGINNING.replace(tzinfo=None)
    clients = {event.request_id: event.client_id for event in story.happened}
    events = [Happened(request_id, clients[request_id], at - beginning) for request_id, _, at in rows]
    assert {request_id: session_id for request_id, session_id, _ in rows} == sessions(events)
    assert len(rows) == len(story.happened)


def test_no_session_lasts_longer_than_it_may_and_some_visitors_never_rest(story, stack):
    with duckdb.connect(str(stack / "local" / "warehouse.duckdb"), read_only=True) as database:
        ((longest, cut),) = database.execute(
            "select max(ended_at - started_at), count(*) filter (bot_reason = 'never rests') from EVENTS.sessions"
        ).fetchall()
    assert longest < LONGEST
    assert cut > 0


@pytest.mark.parametrize("table", TABLES)
def test_live_views_show_what_the_next_run_makes(story, table):
    for live, built in zip(story.live, story.built[1:LOADS], strict=True):
        assert live[table] == built[table]


@pytest.mark.parametrize("table", TABLES + STATISTICS)
def test_increments_make_what_a_full_refresh_makes(story, table):
    increments, refreshed = story.built[-2], story.built[-1]
    assert increments[table]
    assert increments[table] == refreshed[table]


def test_a_load_that_is_repeated_changes_nothing_but_when_it_was_loaded(story):
    before, after = story.built[LOADS - 1], story.built[LOADS]
    for table in [*STATISTICS, "sessions"]:
        assert before[table] == after[table]


def test_a_run_with_nothing_new_writes_nothing(story):
    assert story.built[LOADS] == story.built[LOADS + 1]
    assert story.times[LOADS] == story.times[LOADS + 1]


def test_a_run_leaves_sessions_alone_that_nothing_came_for(story):
    """After the second load there are rows of the first run and of the second."""
    assert len(story.times[1]) == 2
