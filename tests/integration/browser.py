"""A Chromium to open pages in, spoken to over a pipe in the DevTools protocol, so that it needs no port or driver."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_SECONDS = 60
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"),
    *("--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe"),
)
# The protocol's pipes are the descriptors 3 and 4.
LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)


def installed() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One tab. Everything it reports goes to `events`, in its order."""

    def __init__(self, requests: int, answers: int) -> None:
        self.requests, self.answers = requests, answers
        self.events: list[dict[str, Any]] = []
        self._number, self._rest, self._session = 0, b"", None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and what came of it."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self.requests, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, page: Path, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Shows a file in a window of that size."""
        self.size(width=width, height=height, dark=dark)
        self.visit(page.as_uri())

    def size(self, *, width: int, height: int = 900, dark: bool = False) -> None:
        """What is shown from now on is shown in a window of that size."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def visit(self, url: str) -> None:
        """Returns when the page at the address is there, with all that it loads by itself."""
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.evaluate(expression):
            assert time.monotonic() < deadline, f"never came: {expression}"
            time.sleep(0.05)

    def screenshot(self, file: Path) -> None:
        """The page in all its length."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(picture["data"]))

    def complaints(self) -> list[str]:
        """What the console shows as errors and warnings: scripts that failed, what the page's policy refused."""
        found = []
        for event in self.events:
            match event["method"]:
                case "Runtime.exceptionThrown":
                    found.append(json.dumps(event["params"]["exceptionDetails"]))
                case "Log.entryAdded" if event["params"]["entry"]["level"] in ("error", "warning"):
                    found.append(event["params"]["entry"]["text"])
                case "Runtime.consoleAPICalled" if event["params"]["type"] in ("error", "warning"):
                    found.append(json.dumps(event["params"]["args"]))
        return found

    def requested(self) -> list[str]:
        """Every address that the page asked for."""
        return [request["url"] for request in self.requests_sent()]

    def requests_sent(self) -> list[dict[str, Any]]:
        """Every request of the page, and the preflights the browser sent before some."""
        return [event["params"]["request"] for event in self.events if event["method"] == "Network.requestWillBeSent"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self.answers], [], [], PATIENCE_SECONDS)
            assert ready, "the browser does not answer"
            arrived = os.read(self.answers, 1 << 20)
            assert arrived, "the browser has ended"
            self._rest += arrived
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)


@contextmanager
def started(program: str, profile: Path) -> Iterator[Browser]:
    """A browser that ends with the block. profile: a folder for what it keeps."""
    (read, requests), (answers, write) = os.pipe(), os.pipe()
    # Above 3 and 4, so that neither is overwritten before it is moved.
    theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read, write)]
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, *map(str, theirs), program, *OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (read, write, *theirs):
        os.close(end)
    try:
        browser = Browser(requests, answers)
        yield browser
        with suppress(AssertionError, OSError):
            browser.call("Browser.close")
    finally:
        os.close(requests)
        os.close(answers)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
