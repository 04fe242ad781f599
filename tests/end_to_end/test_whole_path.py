"""The whole way with the commands a user types: deploy, send, transform, report, destroy."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

EVENTS = 500
Run = Callable[..., str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("headrace")


@pytest.fixture(scope="module")
def run(home: Path) -> Iterator[Run]:
    """Runs one command as a user would and returns what it printed; the stack is gone in the end, whatever happened."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {"HEADRACE_HOME": str(home)}

    def command(*arguments: str) -> str:
        finished = subprocess.run(
            [sys.executable, "-m", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert finished.returncode == 0, f"{arguments}\n{finished.stdout}\n{finished.stderr}"
        return finished.stdout

    yield command
    subprocess.run([sys.executable, "-m", "embedded", "destroy"], env=environment, capture_output=True, check=False)


@pytest.fixture(scope="module")
def deployed(run: Run, home: Path) -> dict[str, Any]:
    run("embedded", "up")
    return json.loads((home / "local" / "outputs.json").read_text())


def post(url: str, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> int:
    request = urllib.request.Request(url, body, {"content-type": content_type})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_what_goes_in_comes_out(run: Run, deployed: dict[str, Any], home: Path):
    # Given a shop's events, sent twice as after an interruption, and some hits of other senders, not all of them good
    pump = ("pumper", "--n-events", str(EVENTS), "--replay", "--speedup", "max", "--ending", "now", "--json")
    first, second = (json.loads(run(*pump)) for _ in range(2))
    assert (first["sent"], first["accepted"], first["failed"]) == (EVENTS, EVENTS, 0)
    assert second["accepted"] == EVENTS
    good = b"v=1&tid=UA-1&cid=somebody&t=pageview&dp=%2F"
    assert post(deployed["collect_url"], good) == 200
    assert post(deployed["batch_url"], good + b"&z=1\nv=1&tid=UA-1&t=pageview\n" + good + b"&z=2") == 200
    assert post(deployed["collect_url"], b'{"t": "pageview"', "application/json") == 400
    assert post(deployed["collect_url"], b"\xff\xfe") == 400

    # When it is reported before and transformed after it has arrived
    before = json.loads(run("headrace", "report", "--json"))
    run("headrace", "transform")
    after = json.loads(run("headrace", "report", "--json"))

    # Then every hop agrees with the one before it
    assert before["agrees"]
    assert after["agrees"]
    counts = {hop["name"]: hop["count"] for hop in after["hops"]}
    arrived = 2 * EVENTS + 3
    # A busy machine may have had the pumper or the collector send some of it once more.
    assert counts["records in the stream"] >= arrived
    assert counts["events in S3 raw/"] == counts["records in the stream"]
    assert counts["rows in RAW.LOGS"] == counts["records in the stream"]
    assert counts["bad rows in S3 bad/"] == 3
    # and the second sending, whose hits keep their ids, counts once
    assert counts["distinct events"] == EVENTS - first["duplicates"] + 3
    assert counts["events in EVENTS.LOGS"] == counts["distinct events"]
    assert after["days"]

    # And the applications have done what a plain count of the events says, each thing once
    done = json.loads(run("headrace", "applications", "--check", "--json"))
    assert [check["name"] for check in done["checks"] if check["agrees"]] == [
        "customers with an offer",
        "promo decisions",
        "events fed to Personalize",
        "visitors counted by stage",
    ]
    assert done["failures"]["messages"] == 0

    # And nothing is left of it
    printed = run("embedded", "destroy")
    assert "nothing is left" in printed
    assert not (home / "local").exists()
