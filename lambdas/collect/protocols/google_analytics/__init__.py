"""Google Analytics' Measurement Protocol v1: hits as real clients send them, and as JSON with the same names.

    /collect        one hit, as a body (urlencoded or a JSON object) or as a query string; answers a GIF
    /r/collect      the same. Google may answer with a redirect to its advertising network: never here
    /j/collect      the same for analytics.js, which wants text: `1`, with nothing behind it for it to fetch
    /batch          up to 20 hits, one a line, or as a JSON array
    /debug/collect  keeps nothing, and says in Google's JSON what becomes of a hit

https://developers.google.com/analytics/devguides/collection/protocol/v1/reference
"""

from functools import partial

from collect.answers import pixel
from collect.protocols.google_analytics.consent import seen_to_refuse_analytics
from collect.protocols.google_analytics.debugging import explained, first_version
from collect.protocols.google_analytics.reading import batch, single, single_or_lines
from collect.protocols.route import Route

PROTOCOL = "google-analytics-v1"
PATH = "/collect"

_route = partial(Route, protocol=PROTOCOL, refuses_analytics=seen_to_refuse_analytics)
_PIXEL = _route(read=single, answer=pixel)
_TEXT = _route(read=single, answer=first_version)
_DEBUG = _route(read=single_or_lines, answer=explained, keeps=False)

ROUTES = {
    **{(method, path): _PIXEL for method in ("GET", "POST") for path in (PATH, "/r/collect")},
    ("POST", "/batch"): _route(read=batch, answer=pixel),
    **{(method, "/j/collect"): _TEXT for method in ("GET", "POST")},
    **{(method, "/debug/collect"): _DEBUG for method in ("GET", "POST")},
}
