"""The pumper writing to Kinesis streams, some of which refuse or are not there."""

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from headrace.console import Problem
from pumper import attempts, kinesis
from pumper import run as running
from pumper.commands import app
from pumper.kinesis import open_stream
from pumper.settings import Settings, stream_of
from pumper.synthetic import Size, generate
from pumper.trackers import TRACKERS
from shared.events.decode import decode
from shared.events.event import Event
from tests.integration.account import Account

EVENTS = 800


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "dataset"
    generate(folder, Size(events=EVENTS, days=2), seed=4, show=lambda *_: None)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emulator: Account) -> Path:
    """A stack that has published a stream for Segment's messages and none for Snowplow's."""
    monkeypatch.setenv("HEADRACE_HOME", str(tmp_path))
    folder = tmp_path / "local"
    folder.mkdir()
    name = f"segment-{tmp_path.name}"
    boto3.client("kinesis").create_stream(StreamName=name, ShardCount=2)
    (folder / "outputs.json").write_text(json.dumps({"segment_stream": name, "collect_url": "http://127.0.0.1:1/"}))
    (folder / "environment.json").write_text(json.dumps({k: v for k, v in os.environ.items() if k.startswith("AWS_")}))
    return folder


@pytest.fixture
def pump(home: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the pumper and gives its exit code and its summary."""
    monkeypatch.setattr(attempts, "FIRST_WAIT", 0.001)

    def run(**changes: Any) -> tuple[int, dict[str, Any]]:
        name = json.loads((home / "outputs.json").read_text())["segment_stream"]
        settings: dict[str, Any] = {
            "stack": "local",
            "url": f"kinesis://{name}",
            "deployed": False,
            "dataset": dataset,
            "events": None,
            "mode": "now",
            "rate": None,
            "speedup": None,
            "ending_now": False,
            "concurrency": 3,
            "batch_size": 100,
            "seed": 1,
            "fresh": False,
            "resume": False,
            "strict": False,
            "as_json": True,
            "tracker": TRACKERS["segment"],
            "stream": open_stream("local", name, connections=3),
        }
        code = running.run(Settings(**{**settings, **changes}))
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def records(home: Path) -> list[dict[str, Any]]:
    client = boto3.client("kinesis")
    name = json.loads((home / "outputs.json").read_text())["segment_stream"]
    found: list[dict[str, Any]] = []
    for shard in client.list_shards(StreamName=name)["Shards"]:
        start = client.get_shard_iterator(StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        iterator = start["ShardIterator"]
        while True:
            answer = client.get_records(ShardIterator=iterator, Limit=10_000)
            found += answer["Records"]
            iterator = answer["NextShardIterator"]
            if not answer["Records"]:
                break
    return found


def told_by(home: Path) -> list[Event]:
    events = [decode(record["Data"]) for record in records(home)]
    return [event for event in events if isinstance(event, Event)]


class Refusing:
    """A stream's client that refuses as it is told: of each call the records at these places, or all of it."""

    def __init__(self, client: Any, *, places: set[int], calls: set[int]) -> None:
        self._client, self._places, self._calls = client, places, calls
        self.count = 0

    def describe_stream_summary(self, **stream: Any) -> Any:
        return self._client.describe_stream_summary(**stream)

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        self.count += 1
        refused = self._places if self.count in self._calls else set()
        taken = [record for place, record in enumerate(Records) if place not in refused]
        if taken:
            self._client.put_records(StreamName=StreamName, Records=taken)
        code = {"ErrorCode": "ProvisionedThroughputExceededException"}
        return {"Records": [code if place in refused else {} for place, _ in enumerate(Records)]}


def test_every_event_is_in_the_stream_once_under_its_clients_key(pump: Any, home: Path) -> None:
    code, told = pump()
    assert (code, told["failed"], told["accepted"]) == (0, 0, told["sent"])
    assert told["sent"] >= EVENTS
    events = told_by(home)
    assert len(events) >= told["sent"]
    assert len({event.event_id for event in events}) == len(events) - told["duplicates"]
    for record in records(home):
        assert record["PartitionKey"] == json.loads(record["Data"])["anonymousId"]
    assert not (home / "pumps.jsonl").exists()  # which holds what the report reconciles with the collector's events


def test_a_replay_tells_the_datasets_times_in_order(pump: Any, home: Path) -> None:
    assert pump(mode="replay", ending_now=True, concurrency=1)[0] == 0
    times: dict[str, list[int]] = {}
    for event in told_by(home):
        times.setdefault(event.client_id or "", []).append(event.occurred_at)
    assert all(seen == sorted(seen) for seen in times.values())
    assert max(map(len, times.values())) > 1
    moments = [moment for seen in times.values() for moment in seen]
    assert max(moments) - min(moments) > 3_600_000


def test_what_a_stream_refuses_is_put_again_and_nothing_else(pump: Any, home: Path) -> None:
    stream = open_stream("local", json.loads((home / "outputs.json").read_text())["segment_stream"], connections=3)
    client = Refusing(stream._client, places={0, 7, 8}, calls=set(range(1, 6)))
    code, told = pump(stream=kinesis.KinesisStream(client, stream.name))
    assert (code, told["failed"], told["accepted"]) == (0, 0, told["sent"])
    assert told["retried"] > 0
    assert told["statuses"]["ProvisionedThroughputExceededException"] == 5
    ids = Counter(event.event_id for event in told_by(home))
    assert ids.total() - len(ids) == told["duplicates"]


def test_a_stream_that_takes_nothing_ends_the_run_and_resume_sends_the_rest(
    pump: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pumper.stream_sender.ATTEMPTS", 2)
    stream = open_stream("local", json.loads((home / "outputs.json").read_text())["segment_stream"], connections=3)
    client = Refusing(stream._client, places=set(range(1_000)), calls=set(range(4, 1_000)))
    with pytest.raises(Problem, match="the stream stopped answering"):
        pump(stream=kinesis.KinesisStream(client, stream.name))
    code, told = pump(resume=True)
    assert (code, told["failed"]) == (0, 0)
    sent = {event.event_id for event in told_by(home)}
    pump()
    assert {event.event_id for event in told_by(home)} == sent  # a whole run has nothing that was not there


def test_a_deleted_stream_is_told_of_at_once(pump: Any, home: Path) -> None:
    name = json.loads((home / "outputs.json").read_text())["segment_stream"]
    boto3.client("kinesis").delete_stream(StreamName=name)
    with pytest.raises(Problem, match=r"stack 'local' has no stream for that: its setting sources\.segment is off"):
        pump()


def test_a_stack_without_the_stream_says_which_setting_makes_it(home: Path) -> None:
    with pytest.raises(Problem, match=re.escape("its setting sources.enriched is off. Give headrace:sources")):
        stream_of(TRACKERS["snowplow"], "local", connections=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as", "matomo"], "--as is 'matomo'. Give one of google-analytics, segment, snowplow."),
        (["--as", "segment", "--url", "http://127.0.0.1:1/collect"], "--url is a collector's"),
        (["--as", "segment", "--batch-size", "501"], "--batch-size is 501. Give a number from 1 to 500."),
        (["--as", "snowplow"], "Give headrace:sources a section `enriched` in Pulumi.local.yaml and run `make up`."),
        (["--as", "snowplow", "--stack", "nowhere"], "stack 'nowhere' is not deployed"),
    ],
)
def test_a_wrong_request_says_what_is_right(home: Path, arguments: list[str], said: str) -> None:
    told = CliRunner().invoke(app, arguments)
    assert isinstance(told.exception, Problem)
    assert said in str(told.exception)
