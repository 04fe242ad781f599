"""The reconciliation: what each hop's count means beside the one before it."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.hops.counts import Counts, Streamed
from headrace.hops.objects import Lines
from headrace.hops.pumps import Pumped
from headrace.hops.tables import Loaded, Modelled
from headrace.report.checks import Hop, Verdict, reconcile


def counts(**changes: Any) -> Counts:
    """Ten events of the pumper, two of them one event, and one bad row: all of it arrived."""
    agreed: dict[str, Any] = {
        "pumped": Pumped(runs=1, sent=11, accepted=10, rejected=1),
        "bad": Lines(objects=1, lines=1, pumped=1, kinds=Counter(missing_client_id=1)),
        "spilled": Lines(),
        "stream": Streamed(records=10, pumped=10),
        "delivered": Lines(objects=2, lines=10, pumped=10),
        "undeliverable": 0,
        "loaded": Loaded(rows=10, distinct=9),
    }
    return Counts(**(agreed | changes))


def checked(
    counted: Counts, modelled: Modelled | None = None, *, has_warehouse: bool = True, settled: bool = True
) -> dict[str, Hop]:
    hops = reconcile(counted, modelled, has_warehouse=has_warehouse, settled=settled)
    return {hop.name.strip(): hop for hop in hops}


def wrong(hops: dict[str, Hop]) -> set[str]:
    return {name for name, hop in hops.items() if hop.verdict is Verdict.WRONG}


def test_when_everything_arrived_every_hop_agrees():
    hops = checked(counts(), Modelled(hits=9, expected=9))
    assert wrong(hops) == set()
    assert Verdict.PENDING not in {hop.verdict for hop in hops.values()}
    assert hops["duplicates"].count == 1
    assert hops["bad rows in S3 bad/"].parts == {"missing_client_id": 1}


@pytest.mark.parametrize(
    ("change", "hop"),
    [
        ({"stream": Streamed(records=9, pumped=9), "delivered": Lines(lines=9)}, "records in the stream"),
        ({"bad": Lines()}, "bad rows in S3 bad/"),
        ({"delivered": Lines(lines=9)}, "events in S3 raw/"),
        ({"delivered": Lines(lines=11)}, "events in S3 raw/"),
        ({"loaded": Loaded(rows=8, distinct=8)}, "rows in RAW.LOGS"),
        ({"loaded": Loaded(rows=12, distinct=9)}, "rows in RAW.LOGS"),
        ({"loaded": Loaded(rows=9, distinct=9, refused=1)}, "rows in RAW.LOGS"),
        ({"undeliverable": 1}, "objects in S3 errors/"),
    ],
)
def test_a_loss_is_named_by_the_hop_where_it_happened(change, hop):
    assert hop in wrong(checked(counts(**change)))


def test_a_loss_is_on_its_way_as_long_as_it_can_still_come():
    late = counts(delivered=Lines(lines=4), loaded=Loaded(rows=3, distinct=3))
    hops = checked(late, settled=False)
    assert wrong(hops) == set()
    assert hops["events in S3 raw/"].verdict is Verdict.PENDING
    assert "6 on their way" in hops["events in S3 raw/"].note


def test_events_that_others_sent_are_named_and_hide_no_loss():
    stream = Streamed(records=12, pumped=9)
    hops = checked(counts(stream=stream, delivered=Lines(lines=12, pumped=9), loaded=Loaded(rows=12, distinct=12)))
    assert wrong(hops) == {"records in the stream"}
    assert "1 of the accepted missing" in hops["records in the stream"].note
    assert "3 sent by others" in hops["records in the stream"].note


def test_what_was_spilled_is_not_lost():
    spilled = Lines(objects=1, lines=3, kinds=Counter(events=2, bad=1))
    rest = {"stream": Streamed(records=8, pumped=8), "delivered": Lines(lines=8), "loaded": Loaded(rows=8, distinct=8)}
    hops = checked(counts(spilled=spilled, bad=Lines(), **rest))
    assert wrong(hops) == set()
    assert hops["waiting in S3 spill/"].verdict is Verdict.PENDING


def test_retries_that_arrived_twice_are_no_fault():
    twice = counts(
        pumped=Pumped(runs=1, sent=10, accepted=10, retried=5),
        bad=Lines(),
        stream=Streamed(records=13, pumped=13),
        delivered=Lines(lines=13, pumped=13),
        loaded=Loaded(rows=13, distinct=10),
    )
    hops = checked(twice)
    assert wrong(hops) == set()
    assert "3 more than acknowledged" in hops["records in the stream"].note


def test_without_a_stream_the_bucket_is_held_against_the_pumper():
    hops = checked(counts(stream=None, delivered=Lines(objects=1, lines=9, pumped=9)), has_warehouse=False)
    assert "records in the stream" not in hops
    assert "rows in RAW.LOGS" not in hops
    assert wrong(hops) == {"events in S3 raw/"}


def test_a_stream_that_has_forgotten_its_first_records_proves_nothing():
    hops = checked(counts(stream=Streamed(records=2, pumped=2, complete=False)))
    assert wrong(hops) == set()
    assert hops["records in the stream"].verdict is Verdict.NONE


def test_events_loaded_after_the_transformation_are_pending():
    hops = checked(counts(), Modelled(hits=4, expected=4))
    assert hops["events in EVENTS.LOGS"].verdict is Verdict.PENDING
    assert "5 loaded since" in hops["events in EVENTS.LOGS"].note


def test_events_that_the_transformation_lost_are_wrong():
    assert "events in EVENTS.LOGS" in wrong(checked(counts(), Modelled(hits=8, expected=9)))


amounts = st.integers(0, 5)


@given(amounts, amounts, amounts, amounts, amounts)
def test_nothing_is_wrong_exactly_when_nothing_is_missing_or_too_many(accepted, collected, delivered, loaded, rejected):
    counted = counts(
        pumped=Pumped(runs=1, sent=accepted + rejected, accepted=accepted, rejected=rejected),
        bad=Lines(lines=rejected, pumped=rejected),
        stream=Streamed(records=collected, pumped=collected),
        delivered=Lines(lines=delivered, pumped=delivered),
        loaded=Loaded(rows=loaded, distinct=loaded),
    )
    agrees = accepted <= collected == delivered == loaded
    assert (wrong(checked(counted)) == set()) == agrees
    assert agrees <= (counted.missing == {})
