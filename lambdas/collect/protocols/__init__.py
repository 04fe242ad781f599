"""The protocols the collector speaks: one file each, which reads a request's payload into hits.

A protocol is a module with ROUTES, from (method, path) to a Route. Another protocol is another such file, listed here.
"""

from collections.abc import Mapping

from collect.protocols import google_analytics, segment, snowplow
from collect.protocols.route import Route

PROTOCOLS = (google_analytics, segment, snowplow)

ROUTES: Mapping[tuple[str, str], Route] = {
    place: route for protocol in PROTOCOLS for place, route in protocol.ROUTES.items()
}
PATHS: Mapping[str, Route] = {path: route for (_, path), route in ROUTES.items()}


def folder(path: str) -> str:
    """A path's first part with both its slashes; empty where there is one part only."""
    return path[: path.find("/", 1) + 1]


# Whose a path is that nobody serves: `/v1/…` is Segment's.
FOLDERS: Mapping[str, Route] = {folder(path): route for path, route in PATHS.items() if folder(path)}
