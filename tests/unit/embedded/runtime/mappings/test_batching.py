"""A batch holds as many records as its size and the payload's limit let in."""

from hypothesis import given
from hypothesis import strategies as st

from embedded.runtime.mappings.batching import LARGEST_PAYLOAD, next_batch
from embedded.runtime.mappings.records import Record, payload

END = b"end"
SIZES = st.lists(st.integers(1, LARGEST_PAYLOAD // 3), min_size=1, max_size=8)


def test_a_batch_is_full_with_its_number_of_records(records):
    assert next_batch(records(0), 3, END) == (0, False)
    assert next_batch(records(2), 3, END) == (2, False)
    assert next_batch(records(3), 3, END) == (3, True)
    assert next_batch(records(9), 3, END) == (3, True)


def test_a_record_larger_than_a_payload_goes_alone(records):
    assert next_batch(records(2, size=LARGEST_PAYLOAD + 1), 10, END) == (1, True)


@given(SIZES, st.integers(1, 10))
def test_a_payload_is_never_larger_than_lambda_takes(sizes: list[int], batch_size: int):
    waiting = [Record(str(number), "", 0.0, b"x" * size) for number, size in enumerate(sizes)]
    count, full = next_batch(waiting, batch_size, END)
    assert 1 <= count <= batch_size
    assert len(payload(waiting[:count], END)) <= LARGEST_PAYLOAD
    if full and count < batch_size:
        assert len(payload(waiting[: count + 1], END)) > LARGEST_PAYLOAD
    if not full:
        assert count == len(waiting)
