"""The page's HTTP side: its files, the rows as they come (server-sent events), and a small JSON API beside."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web
from botocore.exceptions import BotoCoreError, ClientError

from headrace.console import Problem
from headrace.events.display import as_object
from headrace.events.filters import Filter
from headrace.events.page.guard import HEADERS, guard
from headrace.events.page.watch import KEPT, Numbered, Watch
from headrace.events.readable import readable, visible
from headrace.events.rows import Row, decoded, payload_of, plain

FOLDER = Path(__file__).parent
FILES = {"/": ("page.html", "text/html"), "/page.css": ("page.css", "text/css")}
FILES |= {f"/{name}": (name, "text/javascript") for name in ("page.js", "rows.js", "detail.js")}
SEARCHED_CHARACTERS = 4_000  # of a row: what the page's filter looks through
HEARTBEAT_SECONDS = 10.0  # so that the browser of a laptop that slept notices that it has been left


class PageServer:
    """Serves a watch. It is read only while somebody looks. pause: seconds between two looks."""

    def __init__(self, stack: str, watch: Watch, pause: float) -> None:
        self._stack, self._watch, self._pause = stack, watch, pause
        self._looking = 0
        self._news = asyncio.Condition()
        self._trouble = ""
        self._wake = asyncio.Event()

    def application(self) -> web.Application:
        """The web application."""
        application = web.Application(middlewares=[guard])
        router = application.router
        for path in FILES:
            router.add_get(path, _file)
        router.add_get("/stream", self._stream)
        router.add_get("/rows/{number:[0-9]{1,15}}", self._row)
        router.add_get("/all", self._all)
        router.add_get("/good", self._list(good=True))
        router.add_get("/bad", self._list(good=False))
        for method in ("GET", "POST"):
            router.add_route(method, "/reset", self._reset)
        application.cleanup_ctx.append(self._reading)
        return application

    async def _reading(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._read())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _read(self) -> None:
        while True:
            await self._wake.wait()
            await self._refresh()
            async with self._news:
                self._news.notify_all()
            await asyncio.sleep(self._pause)

    async def _refresh(self, act: Callable[[], None] | None = None) -> None:
        """Reads, or resets; what goes wrong is told to those who look."""
        try:
            await asyncio.to_thread(act or self._watch.refresh)
            self._trouble = ""
        except Problem as problem:
            self._trouble = str(problem)
        except (ClientError, BotoCoreError) as error:
            self._trouble = f"the cloud of stack '{self._stack}' does not answer as it should: {error}"

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        epoch, _, number = request.headers.get("Last-Event-ID", "").partition("-")
        seen = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
        self._looking += 1
        self._wake.set()
        try:
            await self._tell(response, epoch, seen)
        except (ConnectionError, asyncio.CancelledError):
            return response
        finally:
            self._looking -= 1
            if not self._looking:
                self._wake.clear()
        return response

    async def _tell(self, response: web.StreamResponse, epoch: str, seen: int) -> None:
        """Writes what is new for one who looks, until the connection ends."""
        told: tuple[str, str] | None = None
        silent = 0.0
        while True:
            if epoch != self._watch.epoch:
                seen, epoch, told = 0, self._watch.epoch, None
            rows = self._watch.since(seen)
            state = (self._trouble, epoch)
            if rows or state != told or silent >= HEARTBEAT_SECONDS:
                message = {
                    "stack": self._stack,
                    "epoch": epoch,
                    "kept": KEPT,
                    "trouble": self._trouble,
                    "counts": self._watch.counts.as_json(),
                    "rows": [_summary(one) for one in rows],
                }
                seen, told, silent = (rows[-1].number if rows else seen), state, 0.0
                data = json.dumps(message, ensure_ascii=True)
                await response.write(f"id: {epoch}-{seen}\ndata: {data}\n\n".encode())
            async with self._news:
                await self._news.wait()
            silent += self._pause

    async def _row(self, request: web.Request) -> web.Response:
        row = self._watch.row(int(request.match_info["number"]))
        if row is None:
            return _said({"message": "this row is not kept any more"}, 404)
        return _said(_detail(row))

    async def _all(self, _: web.Request) -> web.Response:
        await self._refresh()
        return self._counts()

    async def _reset(self, _: web.Request) -> web.Response:
        await self._refresh(self._watch.reset)
        return self._counts()

    def _counts(self) -> web.Response:
        return self._in_trouble() or _said(self._watch.counts.as_json())

    def _list(self, *, good: bool) -> Callable[[web.Request], Any]:
        async def rows(request: web.Request) -> web.Response:
            await self._refresh()
            texts = {name: request.query.get(name, "") for name in ("protocol", "name", "reason", "text")}
            limit = request.query.get("limit", str(KEPT))
            if not (limit.isascii() and limit.isdigit() and len(limit) < 6):
                return _said({"message": "limit is a number of rows"}, 400)
            found = self._watch.matching(Filter(good=good, **texts), int(limit))
            return self._in_trouble() or _said([as_object(row) for row in found])

        return rows

    def _in_trouble(self) -> web.Response | None:
        return _said({"message": self._trouble}, 503) if self._trouble else None


async def _file(request: web.Request) -> web.Response:
    name, kind = FILES[request.path]
    return web.Response(text=(FOLDER / name).read_text(), content_type=kind, headers=HEADERS)


def _summary(one: Numbered) -> dict[str, object]:
    row = one.row
    names = ("protocol", "name", "client", "user", "page", "what", "reason", "message")
    text = row.line[:SEARCHED_CHARACTERS].decode("utf-8", "replace")
    # As it was sent and as it was meant: a urlencoded payload writes a slash as %2F.
    return {
        "number": one.number,
        "good": row.good,
        "received_at": row.received_at,
        **{name: visible(getattr(row, name)) for name in names},
        "text": f"{text} {unquote_plus(text)}" if "%" in text else text,
    }


def _detail(row: Row) -> dict[str, object]:
    """All there is of a row, as texts to be shown as they are: numbers of JSON do not survive JavaScript."""
    event = decoded(row)
    return {
        "event": _lines(json.dumps(event, indent=2, ensure_ascii=False, default=plain)) if event else None,
        "payload": None if row.good else _lines(readable(payload_of(row))),
        "row": _lines(readable(row.line.decode("utf-8", "backslashreplace"))),
    }


def _lines(content: str) -> str:
    return "\n".join(map(visible, content.split("\n")))


def _said(content: object, status: int = 200) -> web.Response:
    return web.json_response(content, status=status, headers=HEADERS)
