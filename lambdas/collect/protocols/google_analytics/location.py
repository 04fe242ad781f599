"""The address of the page that a hit is about: `dl`, whose host `dh` and whose path and query `dp` override.
https://developers.google.com/analytics/devguides/collection/protocol/v1/parameters#dl
"""

from collections.abc import Mapping
from urllib.parse import urlsplit


def location(parameters: Mapping[str, object]) -> str | None:
    """The address; a path alone where no host is named, None where no page is."""
    address, host, path = (_text(parameters.get(name)) for name in ("dl", "dh", "dp"))
    if not path and not (host and address):
        return address
    try:
        page = urlsplit(address or ("https:" if host else ""))
    except ValueError:  # brackets that hold no IPv6 address
        return address
    if path:
        page = page._replace(path=path if path.startswith("/") else f"/{path}", query="", fragment="")
    return page._replace(netloc=host or page.netloc).geturl()


def _text(value: object) -> str | None:
    """JSON's null and the empty text mean that it was not sent."""
    return value if isinstance(value, str) and value else None
