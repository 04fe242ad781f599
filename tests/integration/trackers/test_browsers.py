"""Pages of other origins that send from a real browser: with and without asking first, with cookies, while leaving."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from embedded.cloud.cloud import Cloud
from tests.integration.arrived import arrived
from tests.integration.browser import Browser, installed

GUIDE = Path(__file__).parents[3] / "docs" / "trackers" / "google-analytics.md"

pytestmark = pytest.mark.skipif(installed() is None, reason="there is no Chromium here to send from")

# Each way a script has of sending, with how its hit is to arrive: method and content type.
WAYS = {
    "fetch json": (
        "await (await fetch(url, {method: 'POST', credentials: 'include', body: JSON.stringify(hit),"
        " headers: {'content-type': 'application/json'}})).blob()",
        ("POST", "application/json"),
    ),
    "fetch json again": (
        "await fetch(url, {method: 'POST', credentials: 'include', body: JSON.stringify(hit),"
        " headers: {'content-type': 'application/json'}})",
        ("POST", "application/json"),
    ),
    "fetch keepalive": (
        "await fetch(url, {method: 'POST', keepalive: true, body: form})",
        ("POST", "application/x-www-form-urlencoded;charset=UTF-8"),
    ),
    "fetch without answer": (
        "await fetch(url, {method: 'POST', mode: 'no-cors', body: String(form)})",
        ("POST", "text/plain;charset=UTF-8"),
    ),
    "beacon": ("navigator.sendBeacon(url, String(form))", ("POST", "text/plain;charset=UTF-8")),
    "beacon of json": (
        "navigator.sendBeacon(url, new Blob([JSON.stringify(hit)], {type: 'application/json'}))",
        ("POST", "application/json"),
    ),
    "beacon of no type": ("navigator.sendBeacon(url, new Blob([String(form)]))", ("POST", None)),
    "beacon without body": ("navigator.sendBeacon(url + '?' + form)", ("POST", None)),
    "image": (
        "await new Promise((done) => { const i = new Image(); i.onload = done; i.src = url + '?' + form })",
        None,
    ),
    "analytics.js": (
        "await new Promise((done, fail) => { const x = new XMLHttpRequest(); x.withCredentials = true;"
        " x.open('POST', url.replace('/collect', '/j/collect') + '?' + form); x.setRequestHeader('Content-Type',"
        " 'text/plain'); x.onload = () => x.responseText === '1' ? done() : fail(x.responseText); x.send('') })",
        ("POST", "text/plain"),
    ),
}


def test_every_way_of_sending_from_another_site_arrives(
    cloud: Cloud, deployed: dict[str, Any], browser: Browser, site: Callable[[str], str]
) -> None:
    client = f"browser-{uuid4().hex[:8]}"
    page = site("<h1>Shop</h1>")
    browser.visit(page)
    for way, (script, _) in WAYS.items():
        browser.evaluate(
            f"(async () => {{ const url = '{deployed['collect_url']}', hit = {{v: '1', t: 'event', cid: '{client}',"
            f" ea: '{way}', dt: 'Café'}}, form = new URLSearchParams(hit); {script}; }})()"
        )
    hits = {each["request"]["body"]["ea"]: each for each in arrived(cloud, deployed, client, len(WAYS))}

    assert set(hits) == set(WAYS)
    asked = [request["url"] for request in browser.requests_sent() if request["method"] == "OPTIONS"]
    assert asked == [deployed["collect_url"]], "once before the first JSON; the browser remembers the answer"
    assert browser.complaints() == []
    assert {each["request"]["body"]["dt"] for each in hits.values()} == {"Café"}
    assert {each["context"]["document_location"] for each in hits.values()} == {page.rpartition("/")[0] + "/"}
    for way, (_, expected) in WAYS.items():
        request = hits[way]["request"]
        told = (request["method"], request["headers"].get("content-type"))
        assert told == (expected or ("GET", None)), way
        assert "cookie" not in request["headers"]


def test_the_guides_page_sends_what_it_says(
    cloud: Cloud, deployed: dict[str, Any], browser: Browser, site: Callable[[str], str]
) -> None:
    (snippet,) = re.findall(r"```html\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    page = site(snippet.replace("http://127.0.0.1:8080/collect", deployed["collect_url"]))
    browser.visit(page)
    client = browser.evaluate("client")
    browser.evaluate("track('event', {ec: 'shop', ea: 'add', pa: 'add', pr1id: 'P-1'}); location.href = 'about:blank'")
    hits = {each["request"]["body"]["t"]: each["request"]["body"] for each in arrived(cloud, deployed, client, 2)}

    assert (hits["pageview"]["dl"], hits["pageview"]["dt"]) == (page, "Café")
    assert (hits["event"]["pa"], hits["event"]["pr1id"]) == ("add", "P-1")
    assert not [request for request in browser.requests_sent() if request["method"] == "OPTIONS"]
