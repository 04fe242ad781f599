"""What follows from the figures that were read."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from headrace.report.figures import (
    BROWSERS_SHOWN,
    OTHERS,
    UNKNOWN,
    Audience,
    Figures,
    Takings,
    by_browser,
    by_device,
    hint,
)
from tests.unit.headrace.modelled_tables import period

names = st.one_of(st.none(), st.sampled_from([f"browser {number}" for number in range(9)]))
audiences = st.lists(st.builds(Audience, browser=names, device=names, sessions=st.integers(1, 9))).map(tuple)


@given(audiences)
def test_shares_leave_no_session_out_however_many_browsers_there_are(audience):
    everyone = sum(one.sessions for one in audience)
    for shares in (by_browser(audience), by_device(audience)):
        assert sum(one.sessions for one in shares) == everyone
        assert all(one.of == everyone for one in shares)
        assert len({one.name for one in shares}) == len(shares)
    assert len(by_browser(audience)) <= BROWSERS_SHOWN + 1


def test_the_most_frequent_come_first_and_the_rest_last():
    audience = tuple(Audience(browser=f"b{number}", device=None, sessions=number) for number in range(1, 10))
    assert [one.name for one in by_browser(audience)] == ["b9", "b8", "b7", "b6", "b5", "b4", OTHERS]
    assert [one.name for one in by_device(audience)] == [UNKNOWN]


def takings(*currencies: str | None) -> Figures:
    return Figures(takings=tuple(Takings(currency=one, orders=2, revenue=Decimal("0.1")) for one in currencies))


def test_a_sum_has_a_currency_only_where_all_of_it_is_in_that_currency():
    assert takings("EUR").currency == "EUR"
    assert takings("EUR", None).currency == ""
    assert takings("EUR", None).mixed_currencies == ("EUR", UNKNOWN)
    assert takings(None).mixed_currencies == takings().mixed_currencies == ()
    assert takings("EUR", "USD", "CHF").revenue == Decimal("0.3")


def test_what_is_lacking_is_said_with_its_cure():
    day = (period(),)
    assert hint(Figures(days=day), has_warehouse=True) == ""
    assert "make pump" in hint(Figures(), has_warehouse=True)
    assert "make transform" in hint(None, has_warehouse=True)
    assert "no warehouse" in hint(None, has_warehouse=False)
    missing = hint(Figures(days=day, missing=("STATS.FUNNEL_1D",)), has_warehouse=True)
    assert missing == "Not there yet: STATS.FUNNEL_1D. Run `make transform`."
    outdated = hint(Figures(outdated=("EVENTS.LOGS",), missing=("STATS.FUNNEL_1D",)), has_warehouse=True)
    assert "EVENTS.LOGS, STATS.FUNNEL_1D" in outdated
    assert "--full-refresh" in outdated
