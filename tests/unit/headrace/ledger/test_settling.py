"""How long the ledger waits, and when it reads all logs once more."""

from typing import Any, cast

from headrace.ledger import Waits, settle
from headrace.ledger.counting import UNTOLD
from headrace.ledger.figure import Figure
from headrace.ledger.reading import Reader


class Counted:
    """Gives the same figures however often it is asked. whole: how often it was asked to read all logs."""

    def __init__(self, *found: Figure) -> None:
        self.found, self.whole = list(found), 0

    def count(self, _asked_at: int, *, whole: bool = False) -> list[Figure]:
        self.whole += whole
        return self.found

    def settled(self, **asked: Any) -> int:
        settle(cast(Reader, self), waits=Waits(0.0, 0.0, 0.0), quiet=True, **{"first_hour": 0, **asked})
        return self.whole


def test_all_logs_are_read_again_only_where_something_is_waited_for():
    killed = Figure(hour=1, hop="unanswered", count=1)
    assert Counted(Figure(hour=1, hop="accepted", count=5), killed).settled() == 0
    lacking = Figure(hour=1, hop="put", missing=1)
    assert Counted(lacking).settled() == 1
    assert Counted(lacking).settled(first_hour=2) == 0


def test_the_accounts_of_what_has_just_come_are_waited_for_and_are_no_hop():
    late = [[Figure(hour=1, hop=UNTOLD, count=20)], [Figure(hour=1, hop="accepted", count=20)]]

    class Late:
        def count(self, _asked_at: int) -> list[Figure]:
            return late.pop(0)

    assert settle(cast(Reader, Late()), 0, Waits(0.0, 60.0, 0.0), quiet=True) == [
        Figure(hour=1, hop="accepted", count=20)
    ]
    assert late == []


def test_the_account_of_a_function_that_was_killed_is_not_waited_for_without_end():
    killed = Counted(Figure(hour=1, hop=UNTOLD, count=20))
    assert settle(cast(Reader, killed), 0, Waits(0.0, 0.01, 0.001), quiet=True) == []
