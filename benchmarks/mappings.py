"""Stream mappings of the embedded cloud: how soon a function sees a record, how many it gets, what waiting costs.

    python -m benchmarks.mappings

The emulator's own poller, which has the mapping when it is enabled there, stands beside ours: it is in the process that
holds the records, but knows neither partial failures nor retries. The function notes the time and returns. Idle is a
stack with as many mappings as four applications on three streams have, and nothing to do.
"""

import json
import os
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console
from rich.table import Table

from embedded.cloud.cloud import Cloud
from embedded.cloud.emulator import Emulator
from embedded.cloud.ports import Ports
from embedded.runtime.mappings.definition import ENABLED_TAG
from tests.integration.account import Account
from tests.integration.waiting import until

SINGLE_RECORDS = 100
MANY_RECORDS = 20_000
IDLE_MAPPINGS = 12
IDLE_SECONDS = 20.0
TARGET_MILLISECONDS = 50.0
TARGET_IDLE_PERCENT = 10.0
FUNCTION = """
import json, os, time
from base64 import b64decode

def handler(event, context):
    print("called")
    now = time.time()
    with open(os.environ["SEEN"], "a") as out:
        for record in event["Records"]:
            out.write(json.dumps([json.loads(b64decode(record["kinesis"]["data"])), now]) + "\\n")
"""


def main() -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Path(folder) / "stack", wanted=Ports(0, 0, 0, 0))
        os.environ.update(cloud.start(tell=print))
        try:
            table = _table()
            measured = {ours: measure(Path(folder), ours=ours) for ours in (False, True)}
            for label, target in (
                ("put to function, median, ms", TARGET_MILLISECONDS),
                ("put to function, 95 %, ms", TARGET_MILLISECONDS),
                ("records a second", None),
            ):
                theirs, ours = (measured[which][label] for which in (False, True))
                table.add_row(
                    label, f"{target:,.0f}" if target else "", f"{theirs:,.1f}", f"{ours:,.1f}", f"{ours / theirs:.1f}"
                )
            for process, percent in idle(Path(folder), cloud).items():
                table.add_row(f"{process}, idle, % of a core", f"{TARGET_IDLE_PERCENT:.0f}", "", f"{percent:.1f}", "")
            Console().print(table)
        finally:
            cloud.remove()


def measure(folder: Path, *, ours: bool) -> dict[str, float]:
    """One record at a time, then many at once, through a mapping of ours or of the emulator's."""
    seen = folder / f"seen-{ours}"
    arn = reading(seen, ours=ours)
    kinesis = boto3.client("kinesis")
    kinesis.put_record(StreamARN=arn, Data=b"0", PartitionKey="warm")
    until(lambda: len(lines(seen)) == 1)
    for _ in range(SINGLE_RECORDS):
        time.sleep(0.05)
        kinesis.put_record(StreamARN=arn, Data=json.dumps(time.time()).encode(), PartitionKey="key")
    until(lambda: len(lines(seen)) == SINGLE_RECORDS + 1)
    delays = sorted((saw - put) * 1000 for put, saw in lines(seen)[1:])
    begun = time.time()
    for start in range(0, MANY_RECORDS, 500):
        records = [{"Data": str(start + number).encode(), "PartitionKey": str(number)} for number in range(500)]
        kinesis.put_records(StreamARN=arn, Records=records)
    until(lambda: len(lines(seen)) == SINGLE_RECORDS + 1 + MANY_RECORDS)
    return {
        "put to function, median, ms": statistics.median(delays),
        "put to function, 95 %, ms": delays[int(len(delays) * 0.95)],
        "records a second": MANY_RECORDS / (lines(seen)[-1][1] - begun),
    }


def idle(folder: Path, cloud: Cloud) -> dict[str, float]:
    """The processor time that the processes take, of one core, while nothing comes."""
    for number in range(IDLE_MAPPINGS):
        reading(folder / f"idle-{number}", ours=True)
    time.sleep(5.0)
    running = cloud.running
    assert running is not None
    assert running.runtime is not None
    pids = {"emulator": running.emulator.pid, "runtime": running.runtime.pid}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    time.sleep(IDLE_SECONDS)
    return {name: (cpu_seconds(pid) - before[name]) / IDLE_SECONDS * 100 for name, pid in pids.items()}


def reading(seen: Path, *, ours: bool) -> str:
    """The ARN of a new stream that a new function reads."""
    emulator = os.environ["AWS_ENDPOINT_URL"]
    function = account(emulator).function(FUNCTION, {"SEEN": str(seen)})
    kinesis, name = boto3.client("kinesis"), f"stream-{uuid.uuid4().hex[:8]}"
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    boto3.client("lambda").create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName=function,
        StartingPosition="TRIM_HORIZON",
        BatchSize=500,
        Enabled=not ours,
        Tags={ENABLED_TAG: "true"},
    )
    return arn


def account(url: str) -> Account:
    """The emulator of the stack that is measured."""
    return Account(Emulator(int(url.rpartition(":")[2]), os.environ["AWS_REGION"], "", {}, 0))


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _table() -> Table:
    table = Table(title="stream mappings", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("what", "target", "emulator's own", "ours", "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    return table


if __name__ == "__main__":
    main()
