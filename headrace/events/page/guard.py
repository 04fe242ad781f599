"""Who may look: this machine alone, and no website that its browser has open besides.

A page on loopback can be reached by any website: by a name of its own that it lets resolve to 127.0.0.1 (so the Host
header must be ours), and by plain requests across origins (which browsers mark in Sec-Fetch-Site).
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
OWN_SITES = frozenset({"same-origin", "none"})

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses strangers before anything is read, and puts the headers on every answer."""
    if _host(request) not in OWN_NAMES or _from_another_site(request):
        return web.json_response({"message": "this page is for this machine alone"}, status=403, headers=HEADERS)
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.json_response({"message": error.reason}, status=error.status, headers=HEADERS)


def _host(request: web.Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        return None


def _from_another_site(request: web.Request) -> bool:
    """Following a link to the page is fine; being a part of another page is not."""
    if request.headers.get("Sec-Fetch-Site", "none") in OWN_SITES:
        return False
    return not (request.path == "/" and request.headers.get("Sec-Fetch-Mode") == "navigate")
