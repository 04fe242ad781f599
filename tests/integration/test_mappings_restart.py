"""A runtime that is killed in the midst of a batch loses nothing: it goes on from its checkpoint."""

import os
import signal
from pathlib import Path

import boto3

from embedded.cloud.cloud import Cloud, answers
from embedded.cloud.emulator import Emulator
from embedded.cloud.ports import HOST
from tests.integration.account import Account
from tests.integration.readers import Reader, put, stream
from tests.integration.waiting import until


def test_a_runtime_killed_in_the_midst_of_a_batch_loses_nothing(cloud: Cloud, tmp_path: Path):
    running = cloud.running
    assert running is not None
    assert running.runtime is not None
    ports = running.ports
    reader = Reader(Account(Emulator(ports.aws, running.region, running.secret, {}, ports.firehose)), tmp_path)
    arn = stream()
    mapping = reader.reads(arn, BatchSize=5)
    put(arn, *range(5))
    until(lambda: len(reader.effects()) == 5)
    put(arn, 5, {"n": 6, "takes": 2}, *range(7, 10))
    until(lambda: 5 in reader.effects())
    runtime = running.runtime
    os.kill(runtime.pid, signal.SIGKILL)
    until(lambda: not runtime.alive)
    cloud.start(tell=print)
    put(arn, *range(10, 15))
    until(lambda: 14 in reader.effects())
    seen = reader.effects()
    assert set(seen) == set(range(15))
    assert not set(reader.batches()[-1]) & set(range(5))  # what was done is not done again
    health = answers(f"http://{HOST}:{ports.firehose}/_headrace/health")
    assert health is not None
    name = reader.function.rpartition(":")[2]
    shown = until(lambda: [each for each in health["mappings"] if each["name"] == name])
    assert shown[0]["error"] is None
    boto3.client("lambda").delete_event_source_mapping(UUID=mapping)
