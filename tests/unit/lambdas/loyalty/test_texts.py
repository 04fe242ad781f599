from hypothesis import given
from hypothesis import strategies as st

from loyalty.texts import clipped, fit, written_bytes
from shared.envelope import encode_json

texts = st.text(st.characters() | st.sampled_from('"\\\0\x1f\x85\u2028\ud800😀ü'), max_size=50)


@given(texts, st.integers(4, 60))
def test_a_clipped_text_is_a_beginning_of_what_is_fit(text, limit):
    found, whole = clipped(text, limit), "".join(filter(fit, text))
    assert fit(found)
    assert whole.startswith(found)
    assert written_bytes(found) <= limit
    assert found == whole or written_bytes(found) > limit - 4


@given(texts)
def test_a_fit_texts_length_is_that_of_its_json(text):
    found = "".join(filter(fit, text))
    assert written_bytes(found) == len(encode_json(found)) - 2
