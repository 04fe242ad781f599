"""Batches hold every hit once, in its client's order, and tell from where on a run is to be gone on with."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.console import Problem
from pumper import feeds
from pumper.feeds import open_feed
from pumper.packing import Account, Job, Progress, open_packer
from pumper.synthetic import Size, generate

HITS = 400
BEGINNING = Progress(None, 0, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "dataset"
    generate(folder, Size(events=HITS, days=2), seed=3, show=lambda *_: None)
    return folder


@pytest.fixture(scope="module")
def job(folder, tmp_path_factory):
    usual = Job(
        folder=folder,
        stack=tmp_path_factory.mktemp("stack"),
        by_time=False,
        seed=1,
        salt=0,
        strict=False,
        lanes=3,
        batch_size=7,
        limit=HITS,
        start=BEGINNING,
    )
    return lambda **changes: replace(usual, **changes)


def packed(job, batches=4):
    with open_packer(job) as packer:
        return list(packer.portions(batches))


def fed(job):
    async def take():
        async with aclosing(feed(asyncio.Event())) as portions:
            return [portion async for portion in portions]

    with open_feed(job, None) as feed:
        return asyncio.run(take())


def hits(portions):
    """All hits, those of one lane in their order."""
    return [line for portion in portions for batch in portion.batches for line in batch.lines.split(b"\n")]


def test_every_hit_is_in_one_batch_and_a_client_in_one_lane(job):
    portions = packed(job())
    lanes = {}
    for batch in (batch for portion in portions for batch in portion.batches):
        assert len(batch.times) <= 7
        for line in batch.lines.split(b"\n"):
            lanes.setdefault(line.partition(b"&cid=")[2].partition(b"&")[0], set()).add(batch.lane)
    assert len(hits(portions)) == portions[-1].packed == HITS
    assert {len(found) for found in lanes.values()} == {1}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_run_goes_on_with_just_what_was_not_answered(job, data):
    """Batches are answered in any order that lanes allow, some of them never."""
    everything = packed(job())
    account, answered = Account(BEGINNING, 3), []
    stuck = data.draw(st.integers(0, 2))
    for portion in everything:
        account.take(portion)
        for batch in portion.batches:
            if batch.lane != stuck:
                account.finish(batch, lost=False)
                answered += batch.lines.split(b"\n")
        if data.draw(st.booleans()):
            break
    progress = account.progress()
    rest = hits(packed(job(start=progress)))
    assert len(rest) == HITS - progress.done
    assert set(answered) | set(rest) == set(hits(everything))


def test_another_process_packs_the_same(job, monkeypatch):
    here = fed(job())
    monkeypatch.setattr(feeds, "FEW_HITS", 0)
    assert [batch for portion in fed(job()) for batch in portion.batches] == [
        batch for portion in here for batch in portion.batches
    ]


def test_what_another_process_can_not_read_is_told_by_this_one(job, tmp_path):
    with pytest.raises(Problem, match=r"browsing_train\.csv can not be read"):
        fed(job(folder=tmp_path, limit=None))
