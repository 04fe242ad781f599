import json
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collect.formats import json_value, urlencoded
from collect.reasons import Reason, Refused

LIMITS = {"largest": 10**18 - 1, "zero": -0.0, "price": 119.9, "none": None, "yes": True}

texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
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


@given(st.dictionaries(texts, texts, min_size=1))
def test_a_form_reads_as_it_was_written(parameters: dict[str, str]) -> None:
    assert urlencoded(urlencode(parameters).encode()) == parameters
    assert urlencoded(urlencode(parameters, safe='/:?"\\é水').encode()) == parameters


@given(st.text(st.sampled_from('ab=&+%4C3a9"\\{}:, \n\x7fé'), min_size=1).filter(lambda text: "=" in text))
@example("a=1&&b=2")
@example("a=b=c")
@example("a=1&b")
@example("=1")
@example("a=%")
@example("a=%4&b=1")
@example("a=%c3&b=%a9")
@example("a=é%c3%a9")
@example("%c3%a9=1")
@example('a":"1=&b="')
@example("a=\\u0041")
def test_a_form_reads_as_python_itself_reads_it(text: str) -> None:
    """Where no name stands twice: that is for the next test, and Python has no opinion."""
    try:
        expected = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(Refused, match="is not UTF-8"):
            urlencoded(text.encode())
        return
    if len(dict(expected)) == len(expected):
        assert urlencoded(text.encode()) == dict(expected)


@pytest.mark.parametrize("raw", ["a=1&a=2", "a=1&%61=2", "a=1&a", "a=1&a=%31%32", "a=x&b=%22&a=%58"])
def test_no_name_has_two_values(raw: str) -> None:
    with pytest.raises(Refused) as refused:
        urlencoded(raw.encode())
    assert refused.value.reason is Reason.DUPLICATE_PARAMETER


def test_a_parameter_sent_twice_with_one_value_is_harmless() -> None:
    assert urlencoded(b"a=x&%61=%78&b=1") == {"a": "x", "b": "1"}


@pytest.mark.parametrize("raw", ["a=%00", "a=\0", "%00=1", "a=%C3%A9%00"])
def test_no_form_smuggles_nul_in(raw: str) -> None:
    with pytest.raises(Refused) as refused:
        urlencoded(raw.encode())
    assert refused.value.reason is Reason.INVALID_CHARACTER
