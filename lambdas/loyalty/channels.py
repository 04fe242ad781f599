"""Where a promotion was clicked: the channel that brought the visitor."""

import re
from urllib.parse import unquote_plus

from shared.events.event import Event

UNKNOWN = "unknown"

# Names that differ from what people call the channel: link shims and apps.
_CHANNELS = {"facebook": "Facebook", "fb": "Facebook", "instagram": "Instagram", "ig": "Instagram"}

_SOURCE = re.compile(r"[?&]utm_source=([^&#]+)")
_HOST = re.compile(r"(?:https?|android-app)://(?:[^/@]*@)?([^/:?#]+)", re.IGNORECASE)


def channel_of(event: Event) -> str:
    """The campaign's source where the tracker or the page's address says one, else the site the visitor came from."""
    for name in ("utm_source", "cs", "mkt_source"):  # Segment and others, Google Analytics, Snowplow
        said = event.properties.get(name)
        if isinstance(said, str) and said.strip():
            return _named(said.strip())
    if event.page and (found := _SOURCE.search(event.page)):
        return _named(unquote_plus(found[1]).strip()) or UNKNOWN
    if event.referrer and (found := _HOST.match(event.referrer)):
        return _of_host(found[1].lower())
    return UNKNOWN


def _named(source: str) -> str:
    return _CHANNELS.get(source.lower(), source)


def _of_host(host: str) -> str:
    """`l.instagram.com`, `com.instagram.android` and `instagram.com` are one channel."""
    for part in host.split("."):
        if part in _CHANNELS:
            return _CHANNELS[part]
    return host.removeprefix("www.")
