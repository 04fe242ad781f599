"""From an offer to its causes, and back, as a person asks."""

import json
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from headrace.console import Problem
from headrace.trace import trace
from tests.integration.offers.records import BEGIN, SECOND, hit
from tests.integration.offers.shop import Shop
from tests.integration.waiting import until

RECORDS = [
    hit("bought-1", "purchase", BEGIN, client="c1", value="80", order="T1"),
    hit("removed-1", "remove", BEGIN + SECOND, client="c1", user="u1", skus=["sku-1"]),
    hit("page-1", "pageview", BEGIN, client="c9"),
]


@pytest.fixture
def told(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], str]:
    """What `trace` prints for an id in a stack with one offer, whose events are only in the stream."""
    stream = f"events-{shop.name}"
    kinesis = boto3.client("kinesis")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    until(lambda: kinesis.describe_stream(StreamName=stream)["StreamDescription"]["StreamStatus"] == "ACTIVE")
    kinesis.put_records(StreamName=stream, Records=[{"Data": record.data, "PartitionKey": "key"} for record in RECORDS])
    shop.run(RECORDS)
    outputs = {
        "effects_table": shop.effects_table,
        "offers_clients_table": shop.clients,
        "events_stream": stream,
        "applications": ["offers"],
    }
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "outputs.json").write_text(json.dumps(outputs))
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    capsys.readouterr()

    def tell(wanted: str) -> str:
        trace("local", wanted)
        return capsys.readouterr().out

    return tell


def test_every_way_leads_to_the_offer_and_its_causes(shop: Shop, told: Callable[[str], str]):
    (effect,) = shop.effects()
    for wanted in (effect["effect_id"], effect["effect_id"][:8], effect["code"].lower(), "u1", "c1", " removed-1 "):
        said = told(wanted)
        assert effect["effect_id"] in said
        assert effect["code"] in said
        assert said.index("bought-1") < said.index("removed-1"), "in the order in which they occurred"
        assert "80 , order T1" not in said
        assert "sku-1 (the sku-1)" in said
        assert "not in RAW, in stream events" in said


def test_an_event_that_caused_nothing_is_told_as_such(told: Callable[[str], str]):
    said = told("page-1")
    assert "page_view" in said
    assert "caused nothing" in said


def test_a_cause_that_is_gone_from_everywhere_keeps_its_id(shop: Shop, told: Callable[[str], str]):
    shop.run(
        [
            hit("gone-1", "purchase", BEGIN, client="c2", user="u2", value="90", order="T2"),
            hit("gone-2", "remove", BEGIN, client="c2", user="u2", skus=["sku-2"]),
        ]
    )
    said = told("u2")
    assert "gone-1" in said
    assert "neither in RAW" in said


def test_what_leads_nowhere_is_said_in_one_line(told: Callable[[str], str]):
    for wanted in ("nobody", "", "   ", "o'r", "%", "é\\", "x" * 2000):
        with pytest.raises(Problem) as problem:
            told(wanted)
        assert "\n" not in str(problem.value)


def test_a_stack_without_applications_has_nothing_to_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "outputs.json").write_text("{}")
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    with pytest.raises(Problem, match="no application is on"):
        trace("local", "u1")
