"""What is sent is what is stored: every hit good or bad, with its own id. Hostile requests are in test_fuzz.py."""

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from collect.protocols.google_analytics.hits import HIT_TYPES
from collect.protocols.google_analytics.reading import MAX_BATCH_HITS

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
