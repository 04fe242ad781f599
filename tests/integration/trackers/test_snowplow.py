"""Snowplow's own trackers, for Python and for browsers: what they track is what stands in RAW, in Events, and in the
state of an application."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from snowplow_tracker import (
    Emitter,
    PagePing,
    PageView,
    ScreenView,
    SelfDescribing,
    SelfDescribingJson,
    StructuredEvent,
    Subject,
    Tracker,
)

from embedded.cloud.cloud import Cloud
from shared.events.decode import decode
from shared.events.event import Event
from tests.integration.arrived import arrived
from tests.integration.browser import Browser
from tests.integration.waiting import until

GUIDE = Path(__file__).parents[3] / "docs" / "trackers" / "snowplow.md"
BROWSER_TRACKER = Path(__file__).parent / "snowplow" / "browser-tracker-4.10.1.umd.min.js"
SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
PATIENCE_SECONDS = 60.0  # for a cold start on a busy machine

pytestmark = pytest.mark.filterwarnings("ignore:track_.* will be:DeprecationWarning")


def collector(deployed: dict[str, Any]) -> str:
    return deployed["collect_url"].removesuffix("/collect")


def track_everything(tracker: Tracker, since: int) -> None:
    """Every kind of event that the tracker offers, a second apart from `since` on (epoch ms)."""
    page = SelfDescribingJson(f"{SNOWPLOW}/web_page/jsonschema/1-0-0", {"id": str(uuid4())})
    click = SelfDescribingJson(
        f"{SNOWPLOW}/link_click/jsonschema/1-0-1", {"targetUrl": "https://shop.example/été?a=1&b=2"}
    )
    url = "https://shop.example/home?utm_source=newsletter"
    tracker.track(PageView(url, "Café & Co", "https://search.example/", context=[page], true_timestamp=since))
    tracker.track(PagePing(url, min_x=0, max_x=10, true_timestamp=since + 1_000))
    tracker.track(StructuredEvent("video", "play", "trailer 🎬", value=2.5, true_timestamp=since + 2_000))
    tracker.track(SelfDescribing(click, context=[page], true_timestamp=since + 3_000))
    tracker.track(ScreenView(str(uuid4()), "Basket", true_timestamp=since + 4_000))
    tracker.track_add_to_cart("P-1", 2, "Shirt", "Shirts", 27.5, "EUR", tstamp=since + 5_000)
    items = [{"sku": "P-1", "price": 27.5, "quantity": 2, "name": "Shirt", "currency": "EUR"}]
    tracker.track_ecommerce_transaction("T-1", 59.9, tax_value=9.1, currency="EUR", items=items, tstamp=since + 6_000)


@pytest.mark.parametrize(
    ("method", "batch_size", "base64"),
    [("post", 3, True), ("get", 2, False), pytest.param("post", 50, False, marks=pytest.mark.slow)],
)
def test_what_the_python_tracker_tracks_is_what_stands_in_raw(
    cloud: Cloud, deployed: dict[str, Any], method: Any, batch_size: int, base64: bool
) -> None:
    client, sent = f"python-{uuid4().hex[:8]}", []
    emitter = Emitter(
        collector(deployed),
        method=method,
        batch_size=batch_size,
        request_timeout=PATIENCE_SECONDS,
        on_success=lambda events: sent.extend(dict(event) for event in events),
    )
    subject = Subject().set_platform("srv").set_user_id("ann").set_domain_user_id(client).set_lang("fr-BE")
    since = int(time.time() * 1000) - 60_000
    tracker = Tracker("backend", emitter, subject, app_id="shop", encode_base64=base64)
    track_everything(tracker, since)
    tracker.flush()
    envelopes = arrived(cloud, deployed, client, 8)

    assert len(sent) == 8
    stored = {each["request"]["body"]["eid"]: each["request"]["body"] for each in envelopes}
    for event in sent:
        body = stored[event["eid"]]
        texts = {name: str(value) for name, value in event.items() if name not in ("ue_px", "ue_pr", "cx", "co")}
        assert {name: body.get(name) for name in texts} == texts
        assert set(body) - set(texts) <= {"ue_pr", "co", "nuid"}
        assert ("ue_pr" in body, "co" in body) == ("ue_px" in event or "ue_pr" in event, "cx" in event or "co" in event)

    events = [event for event in (decode(json.dumps(each).encode()) for each in envelopes) if isinstance(event, Event)]
    assert Counter(event.name for event in events) == {"page_view": 2, "custom": 3, "add_to_cart": 1, "purchase": 2}
    assert sorted(event.occurred_at - since for event in events) == [0, 1000, 2000, 3000, 4000, 5000, 6000, 6000]
    assert {(event.user_id, event.client_id) for event in events} == {("ann", client)}
    orders = {(event.order_id, event.value, event.currency, event.skus) for event in events if event.name == "purchase"}
    assert orders == {
        ("T-1", Decimal("59.9"), "EUR", frozenset()),
        ("T-1", None, "EUR", frozenset({"P-1"})),
    }
    click = next(event for event in events if event.properties["event_name"] == "link_click")
    described = click.properties["unstruct_event_com_snowplowanalytics_snowplow_link_click_1"]
    assert described == {"targetUrl": "https://shop.example/été?a=1&b=2"}
    key = {"playerId": {"S": client}}

    def level() -> str:
        item = (
            boto3.client("dynamodb").get_item(TableName=deployed["live_counts_players_table"], Key=key).get("Item", {})
        )
        return item.get("levelId", {}).get("S", "")

    until(lambda: level() == "purchased")


def test_the_guides_python_snippet_works_as_it_stands(cloud: Cloud, deployed: dict[str, Any]) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    client = f"guide-{uuid4().hex[:8]}"
    exec(snippet.replace("http://127.0.0.1:8080", collector(deployed)).replace("client-of-ann", client), {})
    kinds = [each["request"]["body"]["e"] for each in arrived(cloud, deployed, client, 2)]
    assert sorted(kinds) == ["pv", "ue"]


def test_a_browsers_tracker_on_another_origin_keeps_its_network_user_id(
    cloud: Cloud, deployed: dict[str, Any], browser: Browser, site: Callable[[str], str]
) -> None:
    (snippet,) = re.findall(r"```html\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    script = f"<script>{BROWSER_TRACKER.read_text()}</script>"
    page = snippet.replace('<script src="/browser-tracker.umd.min.js"></script>', script)
    page = page.replace('appId: "shop",', f'appId: "shop", connectionTimeout: {PATIENCE_SECONDS * 1000:.0f},')
    # Of one site with the collector, where browsers that block other sites' cookies keep this one, too.
    address = site(page.replace("http://127.0.0.1:8080", collector(deployed))).replace("localhost", "127.0.0.1")
    browser.visit(address)
    client = browser.evaluate("tracker.getDomainUserId()")
    (first,) = arrived(cloud, deployed, client, 1)
    browser.evaluate("trackStructEvent({category: 'video', action: 'play', label: 'Café', value: 300})")
    browser.evaluate(
        "trackSelfDescribingEvent({event: {schema: 'iglu:com.snowplowanalytics.snowplow/add_to_cart/jsonschema/1-0-0',"
        " data: {sku: 'P-1', unitPrice: 19.99, quantity: 1, currency: 'EUR'}}})"
    )
    hits = {each["request"]["body"]["e"]: each for each in arrived(cloud, deployed, client, 3)}

    assert set(hits) == {"pv", "se", "ue"}
    assert first["context"]["document_location"] == address
    schemas = {entity["schema"] for entity in first["request"]["body"]["co"]["data"]}
    assert f"{SNOWPLOW}/web_page/jsonschema/1-0-0" in schemas
    assert any("client_session" in schema for schema in schemas)
    assert len({each["request"]["body"]["nuid"] for each in hits.values()}) == 1
    assert browser.evaluate("document.cookie.includes('sp=')") is False  # the collector's, and not for scripts
    assert not any("cookie" in each["request"]["headers"] for each in hits.values())
    event = decode(json.dumps(hits["ue"]).encode())
    assert isinstance(event, Event)
    assert (event.name, event.products[0].price) == ("add_to_cart", Decimal("19.99"))
    assert browser.complaints() == []


@pytest.mark.slow
def test_a_browser_that_asks_for_anonymity_gets_no_cookie_and_leaves_no_address(
    cloud: Cloud, deployed: dict[str, Any], browser: Browser, site: Callable[[str], str]
) -> None:
    browser.call("Network.clearBrowserCookies")
    name = f"anonymous-{uuid4().hex[:8]}"
    browser.visit(site(f"<script>{BROWSER_TRACKER.read_text()}</script>"))
    before = len(arrived(cloud, deployed, "", 0))
    browser.evaluate(
        f"snowplowBrowserTracking.newTracker('{name}', '{collector(deployed)}', {{appId: '{name}', "
        f"connectionTimeout: {PATIENCE_SECONDS * 1000:.0f}, anonymousTracking: {{withServerAnonymisation: true}}}})"
    )
    browser.evaluate("snowplowBrowserTracking.trackPageView({title: 'Nobody'})")
    found = until(
        lambda: [each for each in arrived(cloud, deployed, "", before) if each["request"]["body"].get("aid") == name]
    )
    (hit,) = found
    assert hit["context"]["user_ip"] is None
    assert hit["context"]["client_id"] == hit["request"]["id"]
    assert "nuid" not in hit["request"]["body"]
    assert browser.call("Network.getAllCookies")["cookies"] == []
