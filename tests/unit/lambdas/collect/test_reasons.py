import re

from collect import reasons
from collect.reasons import Reason


def test_the_documented_table_is_the_one_in_force() -> None:
    documented = re.findall(r"^\| ([a-z0-9_]+) +\| (\d{3}) +\|", reasons.__doc__ or "", re.MULTILINE)
    assert {code: int(status) for code, status in documented} == {str(reason): reason.status for reason in Reason}


def test_what_a_hit_says_never_makes_a_client_send_it_again() -> None:
    content = {"missing_client_id", "missing_hit_type", "unknown_hit_type", "wrong_type", "invalid_queue_time"}
    assert {reason.status for reason in Reason if reason in content} == {200}
