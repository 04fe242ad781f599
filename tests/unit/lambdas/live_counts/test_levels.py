"""What an event says of a player and a level."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_counts.levels import (
    BY_PRODUCT,
    ECOMMERCE_ACTION,
    LEVEL_CONTEXT,
    LEVELS,
    MAX_LEVEL_CHARACTERS,
    Standing,
    codecombat,
    funnel_stage,
    page_category,
)
from shared.events.decode import decode
from shared.events.event import NAMES, Event, Product
from tests.unit.lambdas.shared.events.conftest import CORPUS

GOOGLE, SEGMENT, SNOWPLOW = "google-analytics-v1", "segment", "snowplow"


def event(name: str = "page_view", client_id: str | None = "client", **fields: Any) -> Event:
    return Event("id", name, 1, 2, client_id, **fields)


def level_context(*contexts: object) -> Event:
    return event("custom", properties={LEVEL_CONTEXT: list(contexts)})


def test_a_level_context_says_who_plays_which_level():
    assert codecombat(level_context({"user_id": "5a", "level_slug": "gems"})) == Standing("5a", "gems")
    assert codecombat(level_context({"user_id": 7, "level_slug": " gems "})) == Standing("7", "gems")


@pytest.mark.parametrize(
    "contexts",
    [[], [None], ["gems"], [{}], [{"user_id": "5a"}], [{"level_slug": "gems"}], [{"user_id": "5a", "level_slug": ""}]],
)
def test_a_context_without_player_or_level_says_nothing(contexts: list[object]):
    assert codecombat(level_context(*contexts)) is None


def test_the_first_context_that_says_both_counts():
    assert codecombat(level_context({"user_id": "5a"}, {"user_id": "5a", "level_slug": "gems"})) == ("5a", "gems")


@pytest.mark.parametrize("properties", [{}, {LEVEL_CONTEXT: None}, {LEVEL_CONTEXT: {"user_id": "5a"}}])
def test_events_of_other_games_say_nothing(properties: dict[str, object]):
    assert codecombat(event("custom", properties=properties)) is None


@pytest.mark.parametrize(
    ("page", "category"),
    [
        ("https://shop.example/shoes/red?size=9", "shoes"),
        ("https://shop.example/shoes/", "shoes"),
        ("https://shop.example/about", "other"),
        ("https://shop.example/", "home"),
        ("https://shop.example", "home"),
        ("//", "home"),
        ("https://shop.example//shoes//red", "shoes"),
        ("https://[shop/shoes/red", None),
        (None, None),
    ],
)
def test_a_page_is_in_its_first_folder(page: str | None, category: str | None):
    assert page_category(event(page=page)) == (category and Standing("client", category))


def test_a_products_category_is_better_than_the_pages_folder():
    product = Product("1", category="Shoes", price=Decimal(5))
    assert page_category(event("product_view", page="https://shop.example/p/1", products=(product,))) == (
        "client",
        "Shoes",
    )
    assert page_category(event(page="https://shop.example/p/1", products=(Product("1"),))) == ("client", "p")


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("page_view", "browsing"),
        ("promotion_click", "browsing"),
        ("product_view", "viewing"),
        ("product_click", "viewing"),
        ("add_to_cart", "cart"),
        ("remove_from_cart", "cart"),
        ("purchase", "purchased"),
    ],
)
def test_what_visitors_do_is_their_stage(name: str, stage: str):
    assert funnel_stage(event(name)) == Standing("client", stage)


@pytest.mark.parametrize(
    ("source", "properties"),
    [
        (GOOGLE, {"pa": "checkout"}),
        (GOOGLE, {"pa": " Checkout_Option "}),
        (SEGMENT, {"event_name": "Checkout Started"}),
        (SEGMENT, {"event_name": "completed_checkout_step"}),
        (SEGMENT, {"event_name": "paymentInfoEntered"}),
        (SNOWPLOW, {ECOMMERCE_ACTION: {"type": "checkout_step"}}),
    ],
)
def test_every_tracker_can_say_that_a_visitor_checks_out(source: str, properties: dict[str, object]):
    assert funnel_stage(event("custom", properties=properties, source=source)) == Standing("client", "checkout")


def test_a_page_of_the_checkout_is_no_browsing():
    page = event("page_view", properties={"pa": "checkout"}, source=GOOGLE)
    assert funnel_stage(page) == Standing("client", "checkout")


@pytest.mark.parametrize("source", [GOOGLE, SEGMENT, SNOWPLOW])
@pytest.mark.parametrize("properties", [{}, {"pa": ["checkout"]}, {"event_name": None}, {ECOMMERCE_ACTION: "checkout"}])
def test_other_events_leave_visitors_where_they_are(source: str, properties: dict[str, object]):
    assert funnel_stage(event("custom", properties=properties, source=source)) is None
    assert funnel_stage(event("identify")) is None


def test_a_visitor_without_a_client_goes_by_their_user():
    assert funnel_stage(event(client_id=None, user_id="ann")) == Standing("ann", "browsing")
    assert funnel_stage(event(client_id=None)) is None
    assert page_category(event(client_id=None, page="/")) is None


def test_long_names_fit_into_the_key_of_a_transition():
    level = codecombat(level_context({"user_id": "5a", "level_slug": "🎮" * 1000}))
    assert level is not None
    assert len(level.level) == MAX_LEVEL_CHARACTERS


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["user_id", "level_slug", "type"]), inner)
    ),
    max_leaves=5,
)
keys = st.sampled_from([LEVEL_CONTEXT, ECOMMERCE_ACTION, "pa", "event_name"])


@pytest.mark.parametrize("kind", sorted(set(LEVELS) - BY_PRODUCT))
def test_levels_that_do_not_go_by_products_are_the_same_without_them(kind: str):
    seen = 0
    for record in CORPUS.values():
        whole, bare = decode(record), decode(record, detailed=())
        assert isinstance(whole, Event)
        assert isinstance(bare, Event)
        assert LEVELS[kind](whole) == LEVELS[kind](bare)
        seen += LEVELS[kind](whole) is not None
    assert seen


@given(
    st.sampled_from(sorted(NAMES)),
    st.dictionaries(keys, json),
    st.none() | st.text(),
    st.sampled_from([GOOGLE, SEGMENT, SNOWPLOW]),
    st.sampled_from(sorted(LEVELS)),
)
def test_no_event_is_too_strange(name: str, properties: dict[str, object], page: str | None, source: str, kind: str):
    found = LEVELS[kind](event(name, properties=properties, page=page, source=source))
    assert found is None or (found.player and found.level)
