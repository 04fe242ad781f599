"""What trackers sent, for a terminal and a page."""

from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.events.filters import Filter
from headrace.events.readable import readable, visible
from headrace.events.rows import Row


@settings(max_examples=60, deadline=None)
@given(st.text())
def test_nothing_in_it_commands_a_terminal(text):
    assert visible(text).isprintable() or not text
    assert all(visible(line).isprintable() for line in readable(text).split("\n"))


def test_an_escape_sequence_and_a_turned_writing_are_shown_as_what_they_are():
    assert visible("\x1b[31mred\u202egnp.exe") == "\\x1b[31mred\\u202egnp.exe"


def test_json_has_a_line_a_member_and_a_form_a_line_a_parameter():
    assert readable('{"a":{"b":1}}').split("\n")[1] == '  "a": {'
    assert readable("v=1&dl=http%3A%2F%2Fa%2Fb+c").split("\n") == ["v  = 1", "dl = http://a/b c"]


def test_what_is_wrong_with_it_is_not_made_good():
    for payload in ('{"a":1,"a":2}', '{"a":', "plain words", "[" * 5000, "a=1\nb=2"):
        assert readable(payload) == payload


def test_a_filter_finds_text_as_it_was_sent_and_as_it_was_meant():
    row = Row(good=False, received_at=0, line=b'{"payload":"dl=http%3A%2F%2Fshop%2FCart"}', reason="x", protocol="p")
    assert Filter(text="http%3a").holds(row)
    assert Filter(text="http://shop/cart").holds(row)
    assert not Filter(text="checkout").holds(row)
    assert Filter(good=False, reason="x", protocol="p").holds(row)
    assert not Filter(good=True).holds(row)
    assert not Filter(reason="y").holds(row)
