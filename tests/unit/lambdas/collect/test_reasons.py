import re

from collect import formats, reasons
from collect.protocols import route, segment, snowplow, snowplow_bad_rows
from collect.protocols.google_analytics import reading
from collect.reasons import Reason


def test_the_documented_table_is_the_one_in_force() -> None:
    documented = re.findall(r"^\| ([a-z0-9_]+) +\| (\d{3}) +\|", reasons.__doc__ or "", re.MULTILINE)
    assert {code: int(status) for code, status in documented} == {str(reason): reason.status for reason in Reason}


def test_the_documented_limits_are_those_in_force() -> None:
    rows = re.findall(r"^\| ([a-z_]+), [a-z' ]+\| (.+?) +\| (.+?) +\| (.+?) +\|$", reasons.__doc__ or "", re.MULTILINE)
    found = [
        (code, *(list(map(int, re.findall(r"\d+", one.replace(",", "")))) for one in limits)) for code, *limits in rows
    ]
    bytes_of_all, most = route.MAX_BODY_BYTES, snowplow.MAX_ELEMENTS
    assert found == [
        ("body_too_large", [bytes_of_all], [segment.MAX_BODY_BYTES], [snowplow_bad_rows.MAX_BODY_BYTES, bytes_of_all]),
        ("hit_too_large", [reading.MAX_HIT_BYTES], [segment.MAX_MESSAGE_BYTES], []),
        ("batch_too_large", [reading.MAX_BATCH_BYTES], [segment.MAX_SHARED_BYTES], []),
        ("too_many_hits", [reading.MAX_BATCH_HITS], [segment.MAX_BATCH_MESSAGES], [snowplow.MAX_EVENTS]),
        ("too_many_hits", [reading.MAX_BATCH_LINES], [segment.MAX_BATCH_ELEMENTS], [most]),
        ("invalid_number", [formats.MAX_DIGITS], [64], []),
    ]


def test_what_a_hit_says_never_makes_a_client_send_it_again() -> None:
    content = {"missing_client_id", "missing_hit_type", "unknown_hit_type", "wrong_type", "invalid_queue_time"}
    assert {reason.status for reason in Reason if reason in content} == {200}
