"""The report as a person and as a program get it."""

import json
from datetime import datetime
from decimal import Decimal

import pytest
from rich.console import Console

from headrace import report
from headrace.hops.counts import Counts, Streamed
from headrace.hops.objects import Lines
from headrace.hops.pumps import Pumped
from headrace.hops.tables import Loaded, Modelled
from headrace.report import display, document, settle
from headrace.report.checks import reconcile

DAY = {"timestamp": datetime(2024, 3, 1), "pageviews": 999_999, "transaction_revenue": Decimal("999999.8900")}
DAY |= {column: 999_999 for column in display.FIGURES.values() if column not in DAY}


def counted(arrived: int, *, pumped: int = 3) -> Counts:
    return Counts(
        pumped=Pumped(runs=1, sent=pumped, accepted=pumped),
        bad=Lines(),
        spilled=Lines(),
        stream=Streamed(records=pumped, pumped=pumped),
        delivered=Lines(objects=1, lines=arrived, pumped=arrived),
        undeliverable=0,
        loaded=Loaded(rows=arrived, distinct=arrived),
    )


class Hops:
    """Counts as they come, the last one for ever."""

    def __init__(self, *arrived: int) -> None:
        self.arrived, self.asked = list(arrived), 0

    def count(self) -> Counts:
        self.asked += 1
        return counted(self.arrived.pop(0) if len(self.arrived) > 1 else self.arrived[0])


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "POLL_SECONDS", 0)


def test_it_waits_until_everything_has_arrived():
    hops = Hops(0, 1, 1, 3)
    assert settle(hops, patience=60).missing == {}  # type: ignore[arg-type]
    assert hops.asked == 4


def test_it_does_not_wait_when_nothing_is_missing():
    hops = Hops(3)
    settle(hops, patience=60)  # type: ignore[arg-type]
    assert hops.asked == 1


def test_it_gives_up_when_nothing_moves():
    assert settle(Hops(1), patience=0.01).missing == {"delivered": 2}  # type: ignore[arg-type]


def test_it_fits_eighty_columns(monkeypatch):
    console = Console(width=80, record=True)
    monkeypatch.setattr(display, "console", console)
    counts = counted(2_000_000, pumped=2_000_003)
    modelled = Modelled(hits=2_000_000, expected=2_000_000, days=[DAY] * 20)
    hops = reconcile(counts, modelled, has_warehouse=True, settled=True)
    display.show("local", hops, counts, modelled, has_warehouse=True)
    text = console.export_text()
    assert "999,999.89" in text
    assert "6 earlier days" in text
    assert "does not add up: events in S3 raw/" in text
    assert "…" not in text.replace("\n", "")  # nothing is cut off


def test_a_program_gets_exact_numbers_and_the_verdict():
    hops = reconcile(counted(2), None, has_warehouse=True, settled=True)
    found = json.loads(json.dumps(document("local", hops, [DAY]), default=str))
    assert found["agrees"] is False
    assert found["days"][0]["transaction_revenue"] == "999999.8900"
    assert {hop["name"].strip(): hop["verdict"] for hop in found["hops"]}["events in S3 raw/"] == "wrong"
