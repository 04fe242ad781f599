import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.formats import json_value
from collect.reasons import Reason, Refused

LIMITS = {"largest": 10**18 - 1, "zero": -0.0, "price": 119.9, "none": None, "yes": True}

values = st.text() | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
objects = st.dictionaries(st.text(), values, max_size=8)


@given(value=objects, ascii_only=st.booleans())
def test_an_object_reads_as_python_itself_reads_it(value: dict[str, object], ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    read = json_value(raw)
    endless = {name for name, item in value.items() if type(item) is int and len(str(item)) > 18}
    assert isinstance(read, dict)
    assert {name: item for name, item in read.items() if name not in endless} == {
        name: item for name, item in value.items() if name not in endless
    }
    assert all(read[name] != read[name] or abs(read[name]) < 10**18 for name in endless)


def test_numbers_within_the_limits_stay_as_they_are() -> None:
    assert repr(json_value(json.dumps(LIMITS).encode())) == repr(LIMITS)


@pytest.mark.parametrize(
    "raw",
    [
        '{"a":1,"a":2}',
        '{"a":1,"a":"x"}',
        '{"a":{"b":"c"},"a":"x"}',
        '{"a":"x","a":""}',
        r'{"a":"x","\u0061":"y"}',
        r'{"a":"\"","a":"x"}',
        r'{"a":"\u0022","a":"x"}',
    ],
)
def test_no_way_of_writing_one_name_twice_goes_unnoticed(raw: str) -> None:
    assert type(json_value(raw.encode())).__name__ == "Ambiguous"


def test_the_same_name_twice_with_one_value_is_harmless() -> None:
    assert json_value(b'{"a":"x","a":"x"}') == {"a": "x"}


@pytest.mark.parametrize("raw", ["{", '{"a"}', "{'a':1}", '{"a":01}', '{"a":"\t"}', "{}{}", "\ufeff{}"])
def test_what_is_not_json_is_refused(raw: str) -> None:
    with pytest.raises(Refused) as refused:
        json_value(raw.encode())
    assert refused.value.reason is Reason.INVALID_JSON
