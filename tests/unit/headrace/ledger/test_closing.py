"""Hours that are complete keep their figures and lose their details; the others stay open."""

from pathlib import Path

from headrace.ledger.book import HOUR_MS
from headrace.ledger.closing import OPEN_HOURS, close_hours, first_open_hour, with_closed
from headrace.ledger.figure import Figure, merged
from headrace.ledger.logs import Logs, sequence_key
from tests.unit.headrace.ledger.worlds import NOON, CloudWatch, World, account_line, world

MEMORY = Path(":memory:")
LATER = NOON + (OPEN_HOURS + 2) * HOUR_MS
LOADED = [Figure(hour=NOON // HOUR_MS, hop="loaded", count=1)]


def closed(here: World, *, now: int = LATER, rows: list[Figure] = LOADED, begin: int = 0) -> list[Figure]:
    counted = [*here.figures(), *rows]
    found = merged(with_closed(here.book, counted))
    close_hours(here.book, counted, now, begin)
    return found


def delivered(here: World, *, hour: int = 0) -> None:
    here.told("a", 1, hour=hour, late=1)
    here.put("a", "one", hour=hour)
    here.deliver("a", "one", hour=hour)
    here.load(1, hour=hour)
    here.add("bad_lines", ("bad/a", NOON + hour * HOUR_MS, "a", "late"))


def test_a_closed_hour_says_what_it_said():
    with world(MEMORY) as here:
        delivered(here)
        before = closed(here, now=NOON)
        assert closed(here) == before
        assert here.book.rows("select count(*) from lines") == [(0,)]
        assert here.book.rows("select count(*) from bad_told") == [(0,)]
        here.book.clear("loaded")
        after = {(one.hop, one.item): (one.count, one.missing) for one in closed(here)}
        assert after == {(one.hop, one.item): (one.count, one.missing) for one in before}


def test_an_hour_that_lacks_something_or_is_young_stays_open():
    with world(MEMORY) as here:
        here.told("a", 2)
        here.put("a", "one")
        here.told("b", 1, hour=5)
        here.put("b", "two", hour=5)
        here.deliver("b", "two", hour=5)
        here.load(1, hour=5)
        assert [one.missing for one in closed(here) if one.hop == "put"] == [1, 0]
        assert here.book.rows("select count(*) from records") == [(2,)]


def by_sql(*, distinct: int, modelled: int) -> list[Figure]:
    return [
        *LOADED,
        Figure(hour=NOON // HOUR_MS, hop="distinct", count=distinct),
        Figure(hour=NOON // HOUR_MS, hop="modelled", count=modelled),
    ]


def test_an_hour_whose_events_are_not_all_modelled_stays_open():
    with world(MEMORY) as here:
        delivered(here)
        never_transformed = by_sql(distinct=1, modelled=0)[:-1]
        for rows in (never_transformed, by_sql(distinct=1, modelled=0)):
            closed(here, rows=rows)
            assert first_open_hour(here.book) == NOON // HOUR_MS
        closed(here, rows=by_sql(distinct=1, modelled=1))
        assert first_open_hour(here.book) is None


def test_a_closed_hour_keeps_what_the_warehouse_said_of_its_events():
    """Which it is not asked again; or is, with an hour before it."""
    with world(MEMORY) as here:
        delivered(here)
        before = set(closed(here, rows=by_sql(distinct=1, modelled=1)))
        assert set(closed(here)) == before
        assert set(closed(here, rows=by_sql(distinct=0, modelled=0))) == before


def test_rows_that_a_closed_hour_loses_are_missed():
    with world(MEMORY) as here:
        delivered(here)
        closed(here)
        lost = [Figure(hour=NOON // HOUR_MS + 1, hop="loaded", count=1)]
        assert [(one.hop, one.missing) for one in closed(here, rows=lost) if one.missing] == [("loaded", 1)]


def test_what_is_read_again_of_a_closed_hour_stays_closed():
    with world(MEMORY) as here:
        delivered(here)
        before = set(closed(here))
        line = account_line("a", bad={"late": 1})
        Logs(CloudWatch(line, at_once=10, tokens=True), here.book).read_requests("group", whole=True)
        here.put("a", "one")
        here.deliver("a", "one")
        here.add("spilled", ("events", NOON, "a", "one", NOON + 100 * HOUR_MS))
        assert here.missing() == {}
        assert here.count("unanswered") == 0
        here.book.clear("spilled")
        assert set(closed(here)) == before
        assert [here.book.rows(f"select count(*) from {table}") for table in ("requests", "bad_told")] == [[(0,)]] * 2


def test_a_batch_counts_for_what_is_left_of_it_when_an_hour_of_it_is_closed():
    with world(MEMORY) as here:
        here.reads("offers")
        sequences = [here.put("a", str(number), hour=hour) for number, hour in enumerate((0, 1, 0, 1, 0))]
        here.done("offers", sequences[0], sequences[2], 3)
        here.gave_up("offers", sequences[2], sequences[4])
        assert ("processed", "offers") not in {place[1:] for place in here.missing()}
        here.book.rows(f"delete from records where received_at = {NOON}")
        found = [one for one in here.figures() if one.item == "offers"]
        assert [(one.hop, one.count, one.missing) for one in found] == [("processed", 1, 0), ("failed", 1, 0)]


def test_what_was_told_of_records_that_are_gone_goes_too():
    """What was told of those that are yet to be read does not: no log is read twice for it."""
    with world(MEMORY) as here:
        first, second = (here.put("a", "one"), here.put("a", "two"))
        here.told("a", 2)
        here.load(2)
        for event in ("one", "two"):
            here.deliver("a", event)
        still_open = here.put("b", "three", hour=OPEN_HOURS + 5)
        to_be_read = sequence_key("9" * 9)
        for begin, end in ((first, first), (first, second), (second, still_open), (to_be_read, to_be_read)):
            here.done("offers", begin, end, 1)
        here.gave_up("offers", first, first)
        here.book.move("events/shard-0", still_open.lstrip("0"))
        closed(here, rows=[Figure(hour=NOON // HOUR_MS, hop="loaded", count=2)])
        assert here.book.rows("select last from batches order by 1") == [(still_open,), (to_be_read,)]
        assert here.book.rows("select * from given_up") == []
        here.book.clear("records")
        closed(here)
        assert here.book.rows("select last from batches order by 1") == [(still_open,), (to_be_read,)]


def test_an_object_is_forgotten_with_its_lines_once_it_is_not_read_any_more():
    with world(MEMORY) as here:
        delivered(here)
        closed(here, begin=NOON)
        assert here.book.rows("select count(*) from objects") == [(1,)]
        here.deliver("b", "late", hour=OPEN_HOURS + 5, name="raw/2025/11/24/14/b")
        closed(here, begin=NOON + 2 * HOUR_MS)
        assert here.book.rows("select name from objects") == [("raw/2025/11/24/14/b",)]
