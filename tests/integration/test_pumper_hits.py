"""What the pumper sends is what the collector takes."""

import base64
import json
import time
from collections import Counter

from collect.configuration import Configuration
from collect.taking import take_in
from pumper.batches import LARGEST_BATCH, Filling, payload
from pumper.dataset import open_dataset
from pumper.rows import BadRows
from pumper.synthetic import Size, generate


def request(body):
    """An HTTP API event, payload format 2.0."""
    now = time.time_ns() // 1_000_000
    return {
        "version": "2.0",
        "routeKey": "POST /batch",
        "rawPath": "/batch",
        "rawQueryString": "",
        "headers": {"content-type": "application/x-www-form-urlencoded", "host": "localhost"},
        "requestContext": {
            "requestId": "r",
            "timeEpoch": now,
            "domainName": "localhost",
            "http": {"method": "POST", "path": "/batch", "sourceIp": "203.0.113.9", "userAgent": "headrace-pumper"},
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def test_every_hit_is_taken_as_an_event_with_an_id_of_its_own(tmp_path):
    generate(tmp_path / "dataset", Size(events=1_500, days=2), seed=9, show=lambda *_: None)
    with open_dataset(
        tmp_path / "dataset", tmp_path, by_time=True, seed=1, bad=BadRows(), show=lambda *_: None
    ) as dataset:
        encoder = dataset.encoder(0)
        hits = [hit for run in dataset.source.runs(None) for hit in encoder.hits(run)]
    ids, times = Counter(), {}
    waiting = iter([*hits, None])
    hit = next(waiting)
    while hit is not None:
        batch = Filling(0)
        sent = []
        while hit is not None and batch.take([hit], LARGEST_BATCH):
            sent.append(hit)
            hit = next(waiting)
        now = time.time_ns() // 1_000_000
        intake = take_in(request(payload(batch.batch(0), 0, now)), Configuration())
        assert (intake.status, len(intake.events), intake.bad_rows) == (200, len(sent), [])
        for item, one in zip(intake.events, sent, strict=True):
            envelope = json.loads(item.data)
            ids[envelope["request"]["id"]] += 1
            occurred = envelope["request"]["timestamp"] - int(envelope["request"]["body"]["qt"])
            times[envelope["request"]["id"]] = abs(occurred - one.timestamp)
    assert ids.total() == len(hits)
    assert ids.total() - len(ids) == sum(hit.repeated for hit in hits)
    assert max(times.values()) < 5_000
