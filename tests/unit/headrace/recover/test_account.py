"""The account of what was sent again, where S3 loses an answer or an object: no row is lost, none is in two runs."""

import json

import pytest

from headrace.console import Problem
from headrace.recover import account as accounts
from headrace.recover import objects
from headrace.recover.account import Account
from headrace.recover.mending import Mended
from tests.unit.headrace.recover.bucket import Bucket

PROGRESS = accounts.PROGRESS


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setattr(objects, "PAUSES", (0.0,))
    return Bucket()


def hit(row: str) -> Mended:
    return Mended(row=row, event_id=row, protocol="segment", received_at=1, hit={"n": 1}, headers={})


@pytest.mark.parametrize("how", ["lost", "busy"])
@pytest.mark.parametrize("what", ["recovered/000001.json", PROGRESS])
def test_a_write_of_which_s3_says_nothing_or_not_now_costs_the_run_nothing(bucket, how, what):
    getattr(bucket, how).add(what)
    run = Account(bucket, "lake").claim(1, [hit("a"), hit("b")])
    assert run
    assert run.hits() == [hit("a"), hit("b")]


def test_how_far_a_run_is_stays_known_where_the_answer_to_a_note_is_lost(bucket):
    run = Account(bucket, "lake").claim(1, [hit("a"), hit("b")])
    assert run
    bucket.lost.add(PROGRESS)
    run.note(sent=1)
    run.note(sent=2, finished=True)
    assert Account(bucket, "lake").unfinished() == ([], 0.0)


def test_somebody_elses_claim_is_not_taken_for_ones_own(bucket):
    assert Account(bucket, "lake").claim(1, [hit("a")])
    assert Account(bucket, "lake").claim(1, [hit("a")]) is None


def test_a_run_whose_hits_are_gone_names_its_claim_and_the_cure(bucket, monkeypatch):
    monkeypatch.setattr(accounts, "LEASE_SECONDS", -1.0)
    account = Account(bucket, "lake")
    assert account.claim(1, [hit("a")])
    (gone,) = (key for key in bucket.objects if key.startswith(accounts.HITS))
    del bucket.objects[gone]
    ((claim,), _) = account.unfinished()
    heir = account.take_over(claim)
    assert heir
    with pytest.raises(Problem, match=r"run 000001 .* gone .* Delete s3://lake/recovered/000001.json"):
        heir.hits()
    del bucket.objects["recovered/000001.json"]
    assert account.claimed() == (0, set())


def test_a_run_is_not_taken_for_an_earlier_one_whose_claim_is_gone(bucket):
    first = Account(bucket, "lake").claim(1, [hit("a")])
    assert first
    first.note(sent=1, finished=True)
    del bucket.objects["recovered/000001.json"]
    second = Account(bucket, "lake").claim(1, [hit("b"), hit("c")])
    assert second
    assert second.progress.sent == 0
    assert [claim.rows for claim in Account(bucket, "lake").unfinished()[0]] == [["b", "c"]]


def test_a_run_of_an_earlier_version_is_finished_and_known(bucket):
    claim = {"hits": f"{accounts.HITS}1.jsonl.gz", "count": 1, "rows": ["a"], "begun": 1.0}
    progress = {"holder": "h", "until": 1.0, "sent": 1, "refused": 0, "finished": True}
    for name, content in (("000001.json", claim), ("000001.progress.json", progress)):
        bucket.put_object(Key=f"recovered/{name}", Body=json.dumps(content).encode())
    assert Account(bucket, "lake").claimed() == (1, {"a"})
    assert Account(bucket, "lake").unfinished() == ([], 0.0)
