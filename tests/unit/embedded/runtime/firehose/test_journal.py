"""The journal keeps what was acknowledged, whatever happens to the process."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from embedded.runtime.firehose.journal import Batch, Journal

RECORDS = st.lists(st.binary(max_size=40), min_size=1, max_size=5)


def records_of(journal: Journal) -> list[bytes]:
    return [record for segment in journal.sealed for record in journal.read(segment)]


def test_a_segment_gives_its_records_in_order_and_knows_its_oldest(tmp_path: Path):
    journal = Journal(tmp_path)
    journal.append(Batch(2_000, [b"a", b"b"]))
    journal.append(Batch(1_000, [b"", b"c"]))
    assert journal.buffered[:2] == (4, 3)
    journal.seal()
    (segment,) = journal.sealed
    assert journal.read(segment) == [b"a", b"b", b"", b"c"]
    assert (segment.arrived, segment.records, segment.size) == (1_000, 4, 3)
    assert journal.buffered == (0, 0, 0.0)


def test_sealing_an_empty_journal_makes_nothing(tmp_path: Path):
    journal = Journal(tmp_path)
    journal.seal()
    assert journal.sealed == []
    assert list(tmp_path.iterdir()) == []


def test_a_segment_keeps_its_identity_over_a_restart(tmp_path: Path):
    journal = Journal(tmp_path)
    journal.append(Batch(1, [b"a"]))
    journal.seal()
    assert [segment.identity for segment in Journal(tmp_path).sealed] == [
        segment.identity for segment in journal.sealed
    ]


def test_a_removed_segment_does_not_come_back(tmp_path: Path):
    journal = Journal(tmp_path)
    journal.append(Batch(1, [b"a"]))
    journal.seal()
    journal.remove(journal.sealed[0])
    assert Journal(tmp_path).sealed == []


def test_new_segments_come_after_those_of_an_earlier_process(tmp_path: Path):
    for record in (b"1", b"2", b"3"):
        journal = Journal(tmp_path)
        journal.append(Batch(1, [record]))
        journal.close()
    assert records_of(Journal(tmp_path)) == [b"1", b"2", b"3"]


@given(batches=st.lists(RECORDS, min_size=1, max_size=6), data=st.data())
def test_a_crash_in_a_write_loses_only_the_batch_that_was_not_acknowledged(tmp_path_factory, batches, data):
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal(folder)
    sizes = []
    for number, records in enumerate(batches):
        journal.append(Batch(number, records, shard="0", position=str(number)))
        (path,) = folder.iterdir()
        sizes.append(path.stat().st_size)
    journal.close()
    cut = data.draw(st.integers(0, sizes[-1]))
    with path.open("r+b") as file:
        file.truncate(cut)
    whole = sum(size <= cut for size in sizes)
    recovered = Journal(folder)
    assert records_of(recovered) == [record for records in batches[:whole] for record in records]
    assert recovered.positions == ({"0": str(whole - 1)} if whole else {})
