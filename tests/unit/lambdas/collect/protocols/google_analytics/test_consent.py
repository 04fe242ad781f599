"""What becomes of hits whose visitors refused analytics."""

from typing import Any

import pytest

from collect.configuration import Configuration

HIT = "v=1&tid=UA-1-1&cid=1&t=pageview&dp=/"


@pytest.mark.parametrize(
    "signal",
    [
        "gcs=G100",
        "gcs=G110",
        "gcs=G1-0",
        "gcd=11l1p1l1l5",
        "gcd=13t3q3t3t5l1",
        "gcd=11l1u1l1l5",
        "gcd=11l1m1l1l5",
        "gcs=G111&gcd=11l1p1l1l5",
    ],
)
def test_a_refusal_leaves_no_trace_but_a_count(post: Any, signal: str) -> None:
    intake = post(f"{HIT}&{signal}")
    assert (intake.declined, intake.events, intake.bad_rows) == (1, [], [])
    assert intake.response()["statusCode"] == 200


def test_a_refusal_is_heard_before_faults_so_that_no_bad_row_keeps_it(post: Any) -> None:
    intake = post("t=nothing&gcs=G100")
    assert (intake.declined, intake.bad_rows) == (1, [])


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("t=pageview&cid=1&cid=2&gcs=G100", {}),
        ("t=pageview&cid=1&gcs=G111&gcs=G100", {}),
        ("cid=1&gcs=G1%30%30&dt=%ff", {}),
        ("gcd=11l1p1l1l5&t=pageview&cid=1&dt=%00", {}),
        ('{"t":"pageview","cid":"1","gcs":"G100","a":{"b":1}}', {}),
        ('{"t":"pageview","cid":"1","gcs": "G100","a":NaN', {}),
        ("t=pageview&cid=1&gcs=G100&dt=" + "x" * 9_000, {}),
        ("t=pageview&cid=1&dt=" + "x" * 300_000 + "&gcs=G100", {}),
        ("t=pageview&cid=1&gcs=G100" + "&a=" * 2_000, {}),
        (None, {"rawQueryString": "v=2&tid=G-1&gcs=G100&cid=1&en=page_view", "path": "/g/collect"}),
        (None, {"rawQueryString": "t=pageview&cid=1&cid=2&gcs=G100", "method": "GET"}),
    ],
)
def test_no_other_fault_makes_a_bad_row_of_who_refused(post: Any, body: str | None, changes: dict[str, Any]) -> None:
    intake = post(body, **changes)
    assert (intake.events, intake.bad_rows) == ([], [])
    kept = post(body, configuration=Configuration(consent=False), **changes)
    assert len(kept.bad_rows) == 1


def test_a_hit_beyond_a_batchs_twentieth_is_declined_too(post: Any) -> None:
    intake = post("\n".join([HIT] * 20 + [f"{HIT}&gcs=G100", HIT]), path="/batch")
    assert (len(intake.events), intake.declined, dict(intake.reasons)) == (20, 1, {"too_many_hits": 1})


@pytest.mark.parametrize("body", ["t=?&xgcs=G100", "t=?&dl=https://shop.example/?gcs=G100", '{"t":"?","gcs":100}'])
def test_what_only_looks_like_a_signal_is_none(post: Any, body: str) -> None:
    assert len(post(body).bad_rows) == 1


KEPT = (
    *("gcs=G111", "gcs=G101", "gcs=G1--", "gcs=", "gcs=0", "npa=1", "aip=1"),
    *("gcd=11p1l1p1p5", "gcd=13l3l3l2l1l1", "gcd=11p1t1p1p5", "gcd=", "gcd=p", "gcd=1111"),
)


@pytest.mark.parametrize("signal", KEPT)
def test_a_hit_is_kept_when_only_advertising_was_refused_or_nothing_was_said(post: Any, signal: str) -> None:
    assert len(post(f"{HIT}&{signal}").events) == 1


@pytest.mark.parametrize("signal", ['"gcs":100', '"gcs":null', '"gcd":17'])
def test_a_signal_that_is_no_text_is_none(post: Any, signal: str) -> None:
    assert len(post(f'{{"t":"pageview","cid":"1",{signal}}}').events) == 1


def test_a_batch_keeps_those_who_agreed(post: Any) -> None:
    intake = post(f"{HIT}&gcs=G100\n{HIT}&gcs=G111\n{HIT}", path="/batch")
    assert (len(intake.events), intake.declined) == (2, 1)


def test_consent_can_be_left_to_the_site(post: Any) -> None:
    assert len(post(f"{HIT}&gcs=G100", configuration=Configuration(consent=False)).events) == 1
