"""What is sent is what is stored: every hit good or bad, with its own id. Hostile requests are in test_fuzz.py."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collect.configuration import Configuration
from collect.intake import MAX_LINES_BYTES
from collect.protocols.google_analytics.hits import HIT_TYPES
from collect.protocols.google_analytics.reading import MAX_BATCH_HITS
from collect.reasons import Reason

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
good_hits = st.fixed_dictionaries(
    {"t": st.sampled_from(sorted(HIT_TYPES)), "cid": texts.map(lambda text: f"c{text}")},
    optional={
        "z": texts,
        "dl": texts,
        "dt": texts,
        "uip": st.ip_addresses().map(str),
        "qt": st.just("") | st.integers(0, 10**9).map(str),
    },
)


@given(hits=st.lists(good_hits | st.just({"t": "pageview"}), min_size=1, max_size=40), as_json=st.booleans())
@settings(max_examples=40, deadline=None)
def test_hits_in_are_good_and_bad_out(post: Any, hits: list[dict[str, str]], as_json: bool) -> None:
    body = "\n".join(json.dumps(hit) if as_json else urlencode(hit) for hit in hits)
    intake = post(body, path="/batch")
    good = sum("cid" in hit for hit in hits[:MAX_BATCH_HITS])
    assert len(intake.events) == good
    assert len(intake.events) + len(intake.bad_rows) == len(hits)


@given(hit=good_hits, z=texts.filter(bool), queue_times=st.tuples(*[st.integers(0, 10**6)] * 2), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_hit_keeps_its_id_in_any_order_and_format_however_late(
    post: Any, lines: Any, hit: dict[str, str], z: str, queue_times: tuple[int, int], data: Any
) -> None:
    shuffled = dict(data.draw(st.permutations(sorted({**hit, "z": z}.items()))))
    first = post(urlencode({**hit, "z": z, "qt": queue_times[0]}))
    again = post(json.dumps({**shuffled, "qt": queue_times[1], "dr": None}))
    assert lines(first.events)[0]["request"]["id"] == lines(again.events)[0]["request"]["id"]


@given(hits=st.lists(good_hits, min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_was_sent_is_what_is_stored(post: Any, lines: Any, hits: list[dict[str, str]]) -> None:
    stored = lines(post("\n".join(map(urlencode, hits)), path="/batch", full_addresses=True).events)
    assert [line["request"]["body"] for line in stored] == hits


PAYLOAD_DATA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
GOOD_AND_BAD: dict[str, tuple[str, str, str, int]] = {
    "/batch": ("t=pageview&cid=1", "t=x", "\n", 500),
    "/v1/b": ('{"type":"page","userId":"u"}', "{}", ",", 5_000),
    "/com.snowplowanalytics.snowplow/tp2": ('{"e":"pv","p":"web","tv":"x"}', '{"e":"pv"}', ",", 500),
}
AROUND = {
    "/v1/b": '{"batch":[%s]}',
    "/com.snowplowanalytics.snowplow/tp2": f'{{"schema":"{PAYLOAD_DATA}","data":[%s]}}',
}
BASIC = {"authorization": f"Basic {base64.b64encode(b'key:').decode()}"}


def batch_of(path: str, good: bool, hits: int) -> str:
    fine, broken, between, _ = GOOD_AND_BAD[path]
    return AROUND.get(path, "%s") % between.join([fine if good else broken] * hits)


@given(
    path=st.sampled_from(sorted(GOOD_AND_BAD)),
    good=st.booleans(),
    part=st.floats(0.001, 1),
    headers=st.dictionaries(
        st.sampled_from(["user-agent", "referer", "origin", "sec-ch-ua", "accept-language"]),
        st.tuples(st.sampled_from(["x", '"', "\x01", "水"]), st.integers(0, 10_000)).map(lambda one: one[0] * one[1]),
    ),
)
@settings(max_examples=40, deadline=None)
def test_whatever_a_request_says_for_all_of_its_hits_its_lines_have_a_limit(
    post: Any, path: str, good: bool, part: float, headers: dict[str, str]
) -> None:
    hits = max(1, round(part * GOOD_AND_BAD[path][3]))
    settled = Configuration(write_keys=frozenset({"key"}))
    intake = post(batch_of(path, good, hits), path=path, headers={**headers, **BASIC}, configuration=settled)
    lines = [*intake.events, *intake.bad_rows]
    assert sum(len(line.data) for line in lines) <= MAX_LINES_BYTES
    assert len(lines) in (1, hits)
    if len(lines) < hits:
        assert dict(intake.reasons) == {Reason.BATCH_TOO_LARGE: 1}


@pytest.mark.parametrize("path", sorted(GOOD_AND_BAD))
@pytest.mark.parametrize("good", [True, False])
def test_what_a_browser_says_of_itself_costs_no_hit_of_a_full_batch(post: Any, path: str, good: bool) -> None:
    headers = {"user-agent": "x" * 150, "referer": "x" * 300, "sec-ch-ua": "x" * 100, "accept-language": "x" * 50}
    hits = GOOD_AND_BAD[path][3]
    settled = Configuration(write_keys=frozenset({"key"}))
    intake = post(batch_of(path, good, hits), path=path, headers={**headers, **BASIC}, configuration=settled)
    assert len(intake.events) + len(intake.bad_rows) == hits
