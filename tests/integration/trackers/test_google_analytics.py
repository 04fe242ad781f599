"""Google Analytics' way in, with a real client of the Measurement Protocol: what it tracks is what stands in RAW."""

import asyncio
import json
import re
import time
from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import urllib3
from universal_analytics import AsyncHTTPBatchRequest, AsyncHTTPRequest, HTTPBatchRequest, HTTPRequest, Tracker

from embedded.cloud.cloud import Cloud
from shared.events.decode import decode
from shared.events.event import Event
from tests.integration.arrived import arrived

GUIDE = Path(__file__).parents[3] / "docs" / "trackers" / "google-analytics.md"

PATIENCE_SECONDS = 60.0  # the client's own is 5, which a machine busy with other tests may need for a cold start

Sent = list[dict[str, str]]


@pytest.fixture(autouse=True)
def patient_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HTTPRequest, "http_client_cls", partial(httpx.Client, timeout=PATIENCE_SECONDS))
    monkeypatch.setattr(AsyncHTTPRequest, "http_client_cls", partial(httpx.AsyncClient, timeout=PATIENCE_SECONDS))


def remembering(requests: Any, sent: Sent) -> Any:
    """The client, which sends as ever; it only notes each hit as it stands in the request."""
    send = requests.send

    def noting(data: dict[str, object]) -> Any:
        sent.append({name: str(value) for name, value in data.items()})
        return send(data)

    requests.send = noting
    return requests


def track_everything(tracker: Tracker) -> None:
    """Every hit type the client offers, and enhanced e-commerce."""
    tracker.set("dimension1", "member")
    tracker.send("pageview", "/home", title="Café & Co", location="https://shop.example/home?a=1&b=2", referrer="/")
    tracker.send("screenview", appName="shop", screenName="Basket", appVersion="4.2")
    tracker.send("event", "video", "play", "trailer 🎬", 300, metric1=7)
    tracker.send("transaction", transactionId="T-1", transactionRevenue=59.9, shipping=4.5, tax=9.1, currency="EUR")
    tracker.send("item", transactionId="T-1", itemName="Shirt", itemCode="S-1", itemPrice=27.7, itemQuantity=2.0)
    tracker.send("social", "facebook", "like", "https://shop.example/home")
    tracker.send("exception", exDescription="IOException", exFatal=True)
    tracker.send("timing", "scripts", "load", "123", "cdn", dns=12.5)
    tracker.send(
        "pageview", "/thanks", pa="purchase", ti="T-2", tr=37.39, pr1id="P-1", pr1qt=2, pr1pr="10", pr2id="P-2"
    )
    tracker.send("pageview", "/list", il1nm="search", il1pi1id="P-1", il1pi1ps=1, promo1id="spring", promo1ps="top")
    tracker.send("event", "promotions", "click", promoa="click", promo1id="spring", promo1nm="Spring sale")
    tracker.send("event", "shop", "pay", pa="checkout", cos=2, col="Visa", pr1id="P-1")
    tracker.send("event", "shop", "refund", pa="refund", ti="T-2", noninteractive=1)
    tracker.send("event", "app", "late", hitage=90)


def test_what_the_python_client_tracks_is_what_stands_in_raw(cloud: Cloud, deployed: dict[str, Any]) -> None:
    client, sent = f"python-{uuid4().hex[:8]}", []
    for kind, url in ((HTTPRequest, "collect_url"), (HTTPBatchRequest, "batch_url")):
        with remembering(kind(user_agent="shop/1.0"), sent) as http:
            http.endpoint = deployed[url]
            track_everything(Tracker("UA-1-1", http, client_id=f"{client}-{url[0]}", user_id="ann"))
    hits = arrived(cloud, deployed, client, len(sent))

    as_set = [frozenset(hit.items()) for hit in sent]
    assert Counter(frozenset(each["request"]["body"].items()) for each in hits) == Counter(as_set)
    assert {each["context"]["user_agent"] for each in hits} == {"shop/1.0"}
    assert len({each["request"]["id"] for each in hits}) == len(sent)

    events = [event for event in (decode(json.dumps(each).encode()) for each in hits) if isinstance(event, Event)]
    assert len(events) == len(hits)
    names = Counter(event.name for event in events)
    purchases = 3 + 3  # in each way of sending: a transaction, its item, and an enhanced one
    assert names == {"page_view": 3 * 2, "custom": 7 * 2, "purchase": purchases, "promotion_click": 2}
    orders = {(event.order_id, event.value, len(event.products)) for event in events if event.name == "purchase"}
    assert orders == {("T-1", Decimal("59.9"), 0), ("T-1", None, 1), ("T-2", Decimal("37.39"), 2)}
    late = [event for event in events if event.properties.get("ea") == "late"]
    assert {event.received_at - event.occurred_at for event in late} == {90_000}
    assert {event.user_id for event in events} == {"ann"}


def test_the_asynchronous_client_arrives_too_in_batches_as_large_as_it_makes_them(
    cloud: Cloud, deployed: dict[str, Any]
) -> None:
    client = f"async-{uuid4().hex[:8]}"

    async def track() -> None:
        async with AsyncHTTPBatchRequest() as http:
            http.endpoint = deployed["batch_url"]
            tracker = Tracker("UA-1-1", http, client_id=client)
            for number in range(45):  # one after the other: it sends a batch again for each hit added meanwhile
                await tracker.send("event", "scroll", str(number))
        async with AsyncHTTPRequest() as http:
            http.endpoint = deployed["collect_url"]
            await Tracker("UA-1-1", http, client_id=client).send("event", "scroll", "45")

    asyncio.run(track())
    hits = arrived(cloud, deployed, client, 46)
    assert sorted(int(each["request"]["body"]["ea"]) for each in hits) == list(range(46))


def test_the_guides_python_snippet_works_as_it_stands(cloud: Cloud, deployed: dict[str, Any]) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    client = f"guide-{uuid4().hex[:8]}"
    program = snippet.replace("http://127.0.0.1:8080/batch", deployed["batch_url"]).replace("client-of-ann", client)
    exec(program, {})
    hits = arrived(cloud, deployed, client, 3)
    assert [each["request"]["body"]["t"] for each in hits] == ["pageview", "event", "pageview"]


@pytest.mark.parametrize("path", ["/r/collect", "/j/collect", "/debug/collect"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_api_leads_to_every_path(deployed: dict[str, Any], path: str, method: str) -> None:
    url = deployed["collect_url"].replace("/collect", path)
    hit = f"v=1&tid=UA-1-1&cid=paths-{time.time_ns()}&t=pageview&dp=%2F"
    answer = urllib3.request(method, f"{url}?{hit}", timeout=PATIENCE_SECONDS, retries=False)
    assert answer.status == 200
    if path == "/j/collect":
        assert answer.data == b"1"
    elif path == "/debug/collect":
        assert answer.json()["hitParsingResult"] == [{"valid": True, "parserMessage": [], "hit": f"{path}?{hit}"}]
    else:
        assert answer.headers["content-type"] == "image/gif"
