"""A checkpoint never passes a record that is not done, in whatever order lanes finish."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from embedded.runtime.mappings.checkpoints import Checkpoints
from embedded.runtime.mappings.progress import Progress


@given(st.permutations(range(12)), st.integers(1, 12))
def test_everything_up_to_the_checkpoint_is_done(records, order: list[int], step: int):
    all_records = records(12)
    progress, done, reached = Progress(), set[str](), -1
    progress.taken(all_records)
    for start in range(0, 12, step):
        finished = [all_records[number] for number in order[start : start + step]]
        done |= {each.sequence for each in finished}
        reached = int(progress.done(finished) or reached)
        assert {str(number) for number in range(reached + 1)} <= done
        assert str(reached + 1) not in done
    assert reached == 11
    assert len(progress) == 0
    assert progress.oldest is None


def test_a_position_survives_the_process(tmp_path: Path):
    path = tmp_path / "mappings" / "id.json"
    before = Checkpoints(path)
    assert before.first_time
    before.begin("a", since=5.0)
    before.begin("b", since=None)
    before.advance("a", "17")
    before.end("b")
    after = Checkpoints(path)
    assert after.position("a") == ("17", 5.0)
    assert after.ended("b")
    assert not after.first_time
    after.begin("a", since=None)
    assert after.position("a") == ("17", 5.0)
    after.remove()
    assert not path.exists()
