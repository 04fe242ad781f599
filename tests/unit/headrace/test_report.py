"""The report as a person and as a program get it."""

import json
import webbrowser
from decimal import Decimal

import duckdb
import pytest
from rich.console import Console

from headrace import report
from headrace.console import Problem
from headrace.hops.counts import Counts, Streamed
from headrace.hops.objects import Lines
from headrace.hops.pumps import Pumped
from headrace.hops.tables import Loaded, Modelled
from headrace.report import display, read_tables, settle, show_in_browser
from headrace.report.checks import reconcile
from headrace.report.document import document
from headrace.report.figures import Figures, Takings
from headrace.warehouse import Place
from tests.unit.headrace.modelled_tables import Shop, create, period


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


def test_the_hops_fit_eighty_columns(monkeypatch):
    console = Console(width=80, record=True)
    monkeypatch.setattr(display, "console", console)
    counts = counted(2_000_000, pumped=2_000_003)
    modelled = Modelled(hits=2_000_000, expected=2_000_000)
    hops = reconcile(counts, modelled, has_warehouse=True, settled=True)
    display.show_hops("local", hops, counts)
    text = console.export_text()
    assert "does not add up: events in S3 raw/" in text
    assert "…" not in text.replace("\n", "")  # nothing is cut off


def test_a_program_gets_exact_numbers_and_the_verdict():
    hops = reconcile(counted(2), None, has_warehouse=True, settled=True)
    taken = Takings(currency="EUR", orders=1, revenue=Decimal("999999.8900"))
    figures = Figures(takings=(taken,), days=(period(transaction_revenue=taken.revenue),))
    found = json.loads(json.dumps(document("local", hops, figures), default=str))
    assert found["agrees"] is False
    assert found["days"][0]["transaction_revenue"] == "999999.8900"
    assert found["days"][0]["timestamp"] == "2024-05-30 00:00:00"
    assert found["takings"] == [{"currency": "EUR", "orders": 1, "revenue": "999999.8900"}]
    assert {hop["name"].strip(): hop["verdict"] for hop in found["hops"]}["events in S3 raw/"] == "wrong"


def test_a_program_gets_its_days_before_anything_is_transformed():
    assert document("local", [], None)["days"] == []


def test_nothing_transformed_is_no_figures_and_no_fault(tmp_path):
    place = Place(target="local", raw="", database=tmp_path / "warehouse.duckdb", variables={})
    assert read_tables(place) == (None, None)


def test_the_events_that_should_be_modelled_are_those_loaded_up_to_the_newest_one(tmp_path):
    database = create(tmp_path / "warehouse.duckdb", Shop(sessions=3))
    loads = {"a": "2024-05-01", "b": "2024-06-01", "c": "2024-06-01", "since then": "2024-06-02"}
    rows = ", ".join(f"('{event}', '{event}', timestamp '{time}')" for event, time in loads.items())
    raw = f"(values {rows}, {rows}) as raw (request_id, log_id, log_timestamp)"
    modelled, figures = read_tables(Place(target="local", raw=raw, database=database, variables={}))
    assert modelled == Modelled(hits=3, expected=3)
    assert figures is not None


def test_tables_of_an_earlier_version_are_named_and_not_held_against_raw(tmp_path):
    database = create(tmp_path / "warehouse.duckdb", Shop(sessions=3))
    with duckdb.connect(str(database)) as connection:
        connection.execute("alter table EVENTS.LOGS drop column loaded_at")
    modelled, figures = read_tables(Place(target="local", raw="", database=database, variables={}))
    assert modelled is None
    assert figures is not None
    assert figures.outdated == ("EVENTS.LOGS",)


def test_json_and_open_exclude_each_other():
    with pytest.raises(Problem, match="Leave one of"):
        report.report("local", as_json=True, open_page=True)


def test_without_a_browser_the_page_is_still_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    show_in_browser(tmp_path / "report.html")
    assert "no browser was found" in capsys.readouterr().out
