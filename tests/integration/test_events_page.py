"""The page of events in a real browser: fits phone and desktop, runs nothing that trackers sent, works by keyboard."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from embedded.cloud.ports import HOST
from headrace.events.page import serve_watch
from tests.integration.browser import Browser, installed, started
from tests.integration.waiting import until
from tests.unit.headrace.events.watched import MadeUp

HOSTILE = "<script>window.pwned=1</script><img src=x onerror='window.pwned=1'>\u202e\x1b[31m"
PHONE, DESKTOP = 390, 1440

pytestmark = pytest.mark.skipif(installed() is None, reason="there is no Chromium here to show the page in")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = installed()
    assert program is not None
    with started(program, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def feed() -> MadeUp:
    return MadeUp()


@pytest.fixture
def url(feed: MadeUp) -> Iterator[str]:
    listener = socket.create_server((HOST, 0))
    loop, ended = asyncio.new_event_loop(), asyncio.Event()
    serving = serve_watch("local", feed.watch(), 0.05, listener, ended)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,))
    thread.start()
    yield f"http://{HOST}:{listener.getsockname()[1]}/"
    loop.call_soon_threadsafe(ended.set)
    thread.join()


def shown(browser: Browser) -> list[str]:
    return browser.evaluate("[...document.querySelectorAll('.name')].map(one => one.firstChild.textContent)")


def press(browser: Browser, key: str) -> None:
    event = f"new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}})"
    browser.evaluate(f"(document.activeElement ?? document.body).dispatchEvent({event})")


def write(browser: Browser, text: str) -> None:
    """Into the filter."""
    field = "document.querySelector('#search')"
    browser.evaluate(f"{field}.value = '{text}'; {field}.dispatchEvent(new Event('input'))")


@pytest.mark.parametrize(("width", "dark"), [(PHONE, True), (DESKTOP, False)])
def test_hostile_rows_are_shown_as_what_they_are_and_nothing_overflows(browser, feed, url, width, dark):
    feed.good(HOSTILE, dl=HOSTILE, pr1id=HOSTILE, pa="detail")
    feed.bad("wrong_type", payload=f"t={HOSTILE}&dt={'x' * 3000}")
    browser.size(width=width, dark=dark)
    browser.visit(url)
    browser.wait("document.querySelectorAll('.row').length === 2")
    for row in (0, 1):
        browser.evaluate(f"document.querySelectorAll('.row')[{row}].click()")
        browser.wait("document.querySelectorAll('#texts pre').length > 1")
        assert "onerror" in browser.evaluate("document.querySelector('#texts').textContent")
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
        browser.evaluate("document.querySelector('#close').click()")
    assert browser.evaluate("window.pwned") is None
    assert browser.complaints() == []
    assert all(address.startswith((url, "data:")) for address in browser.requested())


def test_rows_come_by_themselves_are_filtered_and_forgotten(browser, feed, url):
    browser.visit(url)
    browser.wait("document.querySelector('#state').dataset.state === 'live'")
    feed.good("signup", dl="http://shop/%E2%82%AC")
    feed.bad("wrong_type", payload="dl=http%3A%2F%2Fshop%2Fcart")
    browser.wait("document.querySelectorAll('.row').length === 2")
    for typed, left in (("http://shop/cart", ["wrong_type"]), ("SIGNUP", ["signup"]), ("nothing", []), ("", None)):
        write(browser, typed)
        until(lambda wanted=left: len(shown(browser)) == 2 if wanted is None else shown(browser) == wanted)
    browser.evaluate("document.querySelector('[data-kind=bad]').click()")
    browser.wait("document.querySelectorAll('.row').length === 1")
    browser.evaluate("document.querySelector('[data-kind=all]').click(); document.querySelector('#reset').click()")
    browser.wait("document.querySelector('#total').textContent === '0' && !document.querySelector('.row')")


def test_the_keyboard_is_enough(browser, feed, url):
    feed.good("one")
    feed.good("two")
    browser.visit(url)
    browser.wait("document.querySelectorAll('.row').length === 2")
    press(browser, "ArrowDown")
    press(browser, "ArrowDown")
    browser.evaluate("document.activeElement.click()")  # what Enter does on a button
    browser.wait("!document.querySelector('#detail').hidden")
    assert browser.evaluate("document.querySelector('#what').textContent") == "one"
    press(browser, "Escape")
    browser.wait("document.querySelector('#detail').hidden")
    press(browser, "/")
    assert browser.evaluate("document.activeElement.id") == "search"
    browser.evaluate("document.activeElement.blur()")
    press(browser, "p")
    feed.good("three")
    browser.wait("document.querySelector('#state').textContent === 'paused'")
    press(browser, "p")
    browser.wait("document.querySelectorAll('.row').length === 3")
