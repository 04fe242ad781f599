"""The account of what was sent again: no row is in two runs, and a run that was cut short is finished by one."""

import time
import uuid
from dataclasses import replace
from typing import Any

import boto3
import pytest

from headrace.console import Problem
from headrace.forget import check_unsent
from headrace.forget.lake import PREFIXES, Lake
from headrace.forget.person import Finder, Person
from headrace.recover import account as accounts
from headrace.recover import sending
from headrace.recover.account import Account as Recovered
from headrace.recover.mending import Mended
from tests.integration.account import Account


@pytest.fixture
def bucket(emulator: Account) -> str:
    name = f"bucket-{uuid.uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


def account(bucket: str) -> Recovered:
    return Recovered(boto3.client("s3"), bucket)


def hit(row: str) -> Mended:
    return Mended(row=row, event_id=row, protocol="segment", received_at=1, hit={"n": 1}, headers={})


def keys(bucket: str) -> list[str]:
    found: list[dict[str, Any]] = boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])
    return [one["Key"] for one in found]


def test_rows_that_are_claimed_are_known_and_their_hits_are_gone_once_they_are_sent(bucket):
    run = account(bucket).claim(1, [hit("a"), hit("b")])
    assert run
    assert run.hits() == [hit("a"), hit("b")]
    assert account(bucket).claimed() == (1, {"a", "b"})
    run.note(sent=2, finished=True)
    claim, progress = keys(bucket)
    assert claim == "recovered/000001.json"
    assert progress.startswith(accounts.PROGRESS)
    assert account(bucket).unfinished() == ([], 0.0)


def test_of_two_at_once_one_claims_and_the_other_looks_anew(bucket):
    assert account(bucket).claim(1, [hit("a")])
    assert account(bucket).claim(1, [hit("a")]) is None
    assert len([key for key in keys(bucket) if key.startswith("recovered/hits/")]) == 1
    assert account(bucket).claimed() == (1, {"a"})


def test_a_run_that_was_cut_short_is_taken_over_once_nobody_renews_it(bucket, monkeypatch):
    monkeypatch.setattr(accounts, "LEASE_SECONDS", 2.0)
    dead = account(bucket).claim(1, [hit("a"), hit("b")])
    assert dead
    dead.note(sent=1)
    ((claim,), seconds) = account(bucket).unfinished()
    assert claim.name == "000001"
    assert account(bucket).take_over(claim) is None
    assert 0 < seconds <= 2.0
    time.sleep(seconds + 0.1)
    monkeypatch.setattr(accounts, "LEASE_SECONDS", 20.0)
    heir = account(bucket).take_over(claim)
    assert heir
    assert (heir.progress.sent, heir.hits()) == (1, [hit("a"), hit("b")])
    assert account(bucket).take_over(claim) is None
    with pytest.raises(Problem, match="taken run 000001 over"):
        dead.note(sent=2)


def test_a_run_that_was_cut_short_before_it_noted_anything_is_finished(bucket):
    run = account(bucket).claim(1, [hit("a")])
    assert run
    (progress,) = (key for key in keys(bucket) if key.startswith(accounts.PROGRESS))
    boto3.client("s3").delete_object(Bucket=bucket, Key=progress)
    ((claim,), seconds) = account(bucket).unfinished()
    assert seconds == 0.0
    heir = account(bucket).take_over(claim)
    assert heir
    heir.note(sent=1, finished=True)
    assert account(bucket).take_over(claim) is None


def test_of_a_finished_run_no_version_of_its_hits_is_left(bucket):
    s3 = boto3.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    run = account(bucket).claim(1, [hit("a")])
    assert run
    run.note(sent=1, finished=True)
    versions = s3.list_object_versions(Bucket=bucket, Prefix="recovered/hits/")
    assert (versions.get("Versions", []), versions.get("DeleteMarkers", [])) == ([], [])


def test_of_a_run_that_was_cut_short_nothing_of_a_forgotten_person_is_sent_and_all_else_once(bucket, monkeypatch):
    s3 = boto3.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    people = ["bob", "ada", "bob", "ada", "bob", "ada"]
    hits = [replace(hit(str(number)), hit={"userId": name}) for number, name in enumerate(people)]
    run = account(bucket).claim(1, hits)
    assert run
    run.note(sent=2)

    ada = Finder(Person(user_ids=frozenset({"ada"})))
    (prefix,) = (one for one in PREFIXES if one.name == accounts.HITS)
    lake = Lake(s3, bucket)
    found = lake.find(prefix, ada, lambda _: None)
    assert found.lines == 3
    lake.clean(prefix, ada, found, lambda _: None)
    assert lake.find(prefix, ada, lambda _: None).versions == []

    sent: list[str] = []

    async def post(_session, _url, batch, *_):
        sent.extend(one.row for one in batch)
        return sending.Answered(len(batch))

    monkeypatch.setattr(sending, "_post", post)
    assert sending.send(run, "http://127.0.0.1:9/collect", "key", lambda *_: None).hits == 3
    assert sent == ["2", "4"]
    assert run.progress.finished


def test_nobody_is_forgotten_while_a_run_could_bring_them_back(bucket):
    run = account(bucket).claim(1, [hit("a")])
    assert run
    with pytest.raises(Problem, match="is sending hits again"):
        check_unsent(boto3.client("s3"), bucket)
    run.note(sent=1, finished=True)
    check_unsent(boto3.client("s3"), bucket)
