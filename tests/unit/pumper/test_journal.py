"""What is written of a run outlives it."""

import json

from pumper.journal import FINISHED, KILLED, RUNNING, Entry, Journal


def entry(**changes):
    told = {
        "run_id": "r1",
        "started": "2026-01-01T00:00:00.000Z",
        "finished": "2026-01-01T00:00:01.000Z",
        "ended": RUNNING,
        "mode": "now",
        "url": "http://127.0.0.1/collect",
        "dataset": "d",
        "seed": 1,
        "salt": 0,
        "shift": None,
        "deployed": True,
        "position": (10, 2),
        "skip": 3,
        "done": 7,
        "figures": {"sent": 9, "accepted": 8},
    }
    return Entry(**{**told, **changes})


def pumps(folder):
    path = folder / "pumps.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_finished_run_is_one_line_for_the_report(tmp_path):
    journal = Journal(tmp_path, "subject")
    journal.close(entry(ended=FINISHED))
    assert pumps(tmp_path)[0]["sent"] == 9
    assert pumps(tmp_path)[0]["ended"] == FINISHED
    last = journal.last()
    assert last is not None
    assert (last.start(), last.skip, last.done) == ((10, 2), 3, 7)
    assert len(pumps(tmp_path)) == 1


def test_a_killed_run_is_accounted_for_once_by_the_next(tmp_path):
    Journal(tmp_path, "subject").write(entry())
    for _ in range(2):
        last = Journal(tmp_path, "subject").last()
        assert last is not None
        assert last.ended == KILLED
    assert [line["ended"] for line in pumps(tmp_path)] == [KILLED]


def test_runs_elsewhere_are_not_in_the_report_of_the_stack(tmp_path):
    Journal(tmp_path, "subject").close(entry(ended=FINISHED, deployed=False))
    assert pumps(tmp_path) == []


def test_another_subject_has_another_journal(tmp_path):
    Journal(tmp_path, "one").write(entry())
    assert Journal(tmp_path, "two").last() is None
