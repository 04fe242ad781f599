"""The protocols the collector speaks: one file each, which reads a request's payload into hits.

A protocol is a module with a PROTOCOL name and ROUTES, from (method, path) to a reader: `(payload, sender)` to pairs
of a hit's own bytes and the hit, or the reason why it is none. Another protocol is another such file, listed here.
"""

from collections.abc import Callable

from collect.protocols import google_analytics
from collect.protocols.sender import Outcomes, Sender

Reader = Callable[[bytes, Sender], Outcomes]

PROTOCOLS = (google_analytics,)

ROUTES: dict[tuple[str, str], tuple[str, Reader]] = {
    route: (protocol.PROTOCOL, reader) for protocol in PROTOCOLS for route, reader in protocol.ROUTES.items()
}
PATHS = frozenset(path for _, path in ROUTES)
