from decimal import Decimal
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from recommendations.feed import request
from recommendations.interactions import EVENT_TYPES, VIEW_TYPES, Rules, interactions
from shared.events.decode import decode
from shared.events.event import NAMES, Event, Product, Undecodable
from tests.unit.lambdas.shared.events.conftest import CORPUS

RULES = Rules()

CLICK = Event(
    event_id="test-message-33dlvn",
    name="product_click",
    occurred_at=1_551_110_105_905,
    received_at=1_551_110_106_000,
    client_id="client",
    session_id="session",
    user_id="2941404340",
    products=(Product("ocean-blue-shirt", price=Decimal("19.99")),),
    source="snowplow",
)
CART = (
    Product("shirt", price=Decimal("19.99"), quantity=2),
    Product("hat", price=Decimal("0.10")),
    Product("shirt", price=Decimal("15.00")),
)


def told(event: Event, rules: Rules = RULES) -> list[dict[str, Any]]:
    found = interactions(event, rules)
    assert found is not None
    assert not isinstance(found, Undecodable), found
    return [one._asdict() for one in found]


def reason(event: Event) -> str:
    found = interactions(event, RULES)
    assert isinstance(found, Undecodable)
    assert found.message.startswith(event.name)
    return found.reason


@pytest.mark.parametrize("types", [EVENT_TYPES, {**EVENT_TYPES, **VIEW_TYPES}])
def test_interactions_are_the_same_without_the_details_of_other_events(types: dict[str, str]):
    seen = set()
    for record in CORPUS.values():
        whole, bare = decode(record), decode(record, types)
        assert isinstance(whole, Event)
        assert isinstance(bare, Event)
        rules = Rules(event_types=types)
        assert interactions(bare, rules) == interactions(whole, rules)
        seen |= {whole.name} if interactions(whole, rules) else set()
    assert seen == set(types)


def test_a_click_is_told_as_the_reference_tells_it():
    assert told(CLICK) == [
        {
            "event_id": "test-message-33dlvn",
            "event_type": "Product Clicked",
            "session": "session",
            "user": "2941404340",
            "item": "ocean-blue-shirt",
            "sent_at": 1_551_110_105,
            "properties": '{"itemId":"ocean-blue-shirt"}',
            "value": None,
            "recommendation": None,
        }
    ]


def test_older_schemas_take_the_item_by_another_name():
    (one,) = told(CLICK, Rules(item_property="id"))
    assert one["properties"] == '{"id":"ocean-blue-shirt"}'


def test_an_order_is_one_interaction_a_product_with_ids_that_stay():
    order = CLICK._replace(name="purchase", products=CART)
    shirt, hat = told(order)
    assert (shirt["item"], hat["item"]) == ("shirt", "hat")
    assert (shirt["value"], hat["value"]) == (54.98, 0.1)
    assert (shirt["event_id"], hat["event_id"]) == ("test-message-33dlvn#shirt", "test-message-33dlvn#hat")
    assert told(order) == [shirt, hat]
    of_long_id = told(order._replace(event_id="x" * 256))
    assert [len(one["event_id"]) for one in of_long_id] == [36, 36]
    assert told(order._replace(event_id="x" * 256)) == of_long_id


def test_a_price_that_was_not_said_makes_no_value():
    (one,) = told(CLICK._replace(name="add_to_cart", products=(Product("hat"),)))
    assert one["value"] is None


def test_segments_session_is_its_anonymous_id_and_others_have_their_own():
    assert told(CLICK._replace(source="segment"))[0]["session"] == "client"
    assert told(CLICK._replace(session_id=None))[0]["session"] == "client"


@pytest.mark.parametrize("nobody", [None, "", "  ", "null", "NULL", "undefined", "None"])
def test_a_session_is_never_null_and_an_unknown_user_is_left_out(nobody: str | None):
    assert told(CLICK._replace(session_id=nobody))[0]["session"] == "client"
    assert reason(CLICK._replace(session_id=nobody, client_id=nobody)) == "missing_session"
    assert told(CLICK._replace(user_id=nobody))[0]["user"] is None


def test_what_lacks_an_item_is_refused_and_the_sum_of_an_order_in_parts_is_not():
    assert reason(CLICK._replace(products=())) == "missing_item"
    order = CLICK._replace(name="purchase", products=(), order_id="order", value=Decimal(7))
    assert interactions(order, RULES) is None
    assert reason(order._replace(source="segment")) == "missing_item"


def test_what_is_longer_than_personalize_takes_is_refused():
    assert reason(CLICK._replace(products=(Product("x" * 257),))) == "too_long"
    assert reason(CLICK._replace(products=(Product("\x01" * 250),))) == "too_long", "JSON writes six characters for one"
    assert reason(CLICK._replace(session_id="x" * 257)) == "too_long"
    assert reason(CLICK._replace(user_id="x" * 257)) == "too_long"
    assert len(told(CLICK._replace(event_id="x" * 300))[0]["event_id"]) == 36


def test_the_recommendation_is_told_where_the_tracker_names_it():
    assert told(CLICK._replace(properties={"recommendationId": "RID-1"}))[0]["recommendation"] == "RID-1"
    for wrong in (17, "x" * 41, ""):
        assert told(CLICK._replace(properties={"recommendationId": wrong}))[0]["recommendation"] is None


def test_views_are_told_only_where_they_are_wanted():
    view = CLICK._replace(name="product_view")
    assert interactions(view, RULES) is None
    (one,) = told(view, Rules(event_types={**EVENT_TYPES, **VIEW_TYPES}))
    assert one["event_type"] == "Product Viewed"


@pytest.mark.parametrize("name", sorted(NAMES - set(EVENT_TYPES)))
def test_other_events_are_of_no_interest(name: str):
    assert interactions(CLICK._replace(name=name, client_id=None, session_id=None), RULES) is None


text = st.text(max_size=300)
products = st.builds(
    Product,
    sku=st.text(min_size=1, max_size=300),
    price=st.none() | st.decimals(0, 10**9, places=2),
    quantity=st.integers(1, 1000),
)
events = st.builds(
    Event,
    event_id=st.text(min_size=1, max_size=300),
    name=st.sampled_from(sorted(NAMES)),
    occurred_at=st.integers(0, 4_102_444_800_000),
    received_at=st.just(4_102_444_800_000),
    client_id=st.none() | text,
    user_id=st.none() | text,
    session_id=st.none() | text,
    products=st.lists(products, max_size=4).map(tuple),
    properties=st.dictionaries(st.just("recommendationId"), text | st.integers()),
    source=st.sampled_from(["segment", "snowplow", "google-analytics-v1"]),
)
shape = botocore.session.get_session().get_service_model("personalize-events").operation_model("PutEvents").input_shape


@given(events)
def test_whatever_is_told_keeps_the_limits_of_the_published_model(event: Event):
    found = interactions(event, RULES)
    if found is None or isinstance(found, Undecodable):
        return
    arguments = request("tracker", found[:10])
    assert not ParamValidator().validate(arguments, shape).has_errors()
    assert not list(too_long(arguments, shape))


def too_long(value: Any, described: Any) -> Any:
    """What exceeds the model's greatest lengths, which botocore leaves to the service."""
    if described.type_name == "structure":
        for name, part in value.items():
            yield from too_long(part, described.members[name])
    elif described.type_name in ("list", "string") and len(value) > described.metadata.get("max", len(value)):
        yield value
    if described.type_name == "list":
        for part in value:
            yield from too_long(part, described.member)
