"""Bad rows on the deployed stack: mended, sent again, and each an event once, whatever happens on the way."""

import base64
import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from embedded.cloud.cloud import Cloud
from headrace.events.feed import Feed
from headrace.events.rows import Row
from headrace.home import PROJECT_FOLDER
from headrace.hops.cloud import Cloud as Clients
from headrace.recover import recover
from headrace.recover.rows import Wanted
from tests.integration.arrived import arrived
from tests.integration.waiting import until

MEND = """
def mend(hit, row):
    if CLIENT not in str(hit):
        return None  # another test's
    if row.protocol == "snowplow":
        hit["p"] = "web"
    elif row.protocol == "segment":
        hit["event"] = "Order Completed"
    else:
        hit["t"] = "pageview"
    return hit
"""


def post(deployed: dict[str, Any], path: str, body: bytes, **headers: str) -> None:
    url = deployed["collect_url"].replace("/collect", path)
    named = {"User-Agent": "Shop/1.0", **headers}
    urllib.request.urlopen(urllib.request.Request(url, data=body, headers=named), timeout=60).close()


def send_broken(deployed: dict[str, Any], client: str) -> None:
    """One hit of each protocol that lacks something."""
    key = base64.b64encode(b"local-write-key:").decode()
    message = json.dumps({"anonymousId": f"{client}-s", "properties": {"revenue": 5}}).encode()
    event = {"e": "pv", "tv": "x", "duid": f"{client}-w"}
    schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
    post(deployed, "/collect", f"v=1&t=pageveiw&cid={client}-g".encode())
    post(deployed, "/v1/track", message, Authorization=f"Basic {key}")
    post(deployed, "/com.snowplowanalytics.snowplow/tp2", json.dumps({"schema": schema, "data": [event]}).encode())


def bad_rows(deployed: dict[str, Any], client: str) -> list[Row]:
    feed = Feed(Clients("local"), deployed, good=False)
    return feed.newest(1_000, lambda row: client.encode() in row.line)


def mend_file(folder: Path, client: str) -> Path:
    file = folder / "mend.py"
    file.write_text(MEND.replace("CLIENT", repr(client)))
    return file


def test_broken_hits_of_every_protocol_become_events_once(cloud: Cloud, deployed: dict[str, Any], tmp_path, capsys):
    client = f"r{uuid4().hex[:8]}"
    send_broken(deployed, client)
    rows = until(lambda: found if len(found := bad_rows(deployed, client)) == 3 else None)
    file = mend_file(tmp_path, client)
    recover("local", Wanted(), file, write_key="", sending=False)
    assert "3 hits would be events" in capsys.readouterr().out
    recover("local", Wanted(), file, write_key="", sending=True)
    assert "3 hits are events now" in capsys.readouterr().out
    recover("local", Wanted(), file, write_key="", sending=True)
    assert "left out" in capsys.readouterr().out
    envelopes = {one["context"]["protocol"]: one for one in arrived(cloud, deployed, client, 3)}
    assert set(envelopes) == {"google-analytics-v1", "segment", "snowplow"}
    assert len(arrived(cloud, deployed, client, 3)) == 3
    for row in rows:
        envelope = envelopes[row.protocol]
        assert envelope["context"]["user_agent"] == "Shop/1.0"
        assert envelope["request"]["timestamp"] > row.received_at


KILLED = """
import os, signal, sys
from headrace.recover import sending
from headrace.__main__ import app

whole = sending._post
async def post(*arguments):
    result = await whole(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
    return result
sending._post = post
sending.CONNECTIONS = 1
app()
"""


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again_every_hit_is_there_under_one_id(
    cloud: Cloud, deployed: dict[str, Any], tmp_path, capsys, monkeypatch
):
    client = f"k{uuid4().hex[:8]}"
    for number in range(45):  # three requests' worth
        post(deployed, "/collect", f"v=1&t=pageveiw&cid={client}-{number:02d}".encode())
    until(lambda: len(bad_rows(deployed, client)) == 45)
    file = mend_file(tmp_path, client)
    arguments = ["recover", "--with", str(file), "--send"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_FOLDER)}
    command = [sys.executable, "-c", KILLED, *arguments]
    killed = subprocess.run(command, env=environment, cwd=PROJECT_FOLDER, timeout=120, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(arrived(cloud, deployed, client, 20)) == 20  # what the first request held, and nothing noted of it
    # Somebody changes the file meanwhile: what was begun is finished as it was begun.
    file.write_text(file.read_text().replace('"pageview"', '"screenview"'))
    recover("local", Wanted(), file, write_key="", sending=True)
    assert "was cut short: finishing it first" in capsys.readouterr().out
    envelopes = arrived(cloud, deployed, client, 65)
    assert {one["request"]["body"]["t"] for one in envelopes} == {"pageview"}
    assert len({one["request"]["id"] for one in envelopes}) == 45
    assert len({one["context"]["client_id"] for one in envelopes}) == 45
