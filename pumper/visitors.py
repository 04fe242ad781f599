"""Who a session belongs to, and what their browser says of itself.

Everything follows from digests of the session's id and the seed, so it is the same at every run, in every process
and in whatever order the rows come. Of all sessions RETURNING_SHARE belong to clients who come back: they are dealt
to a pool a tenth as large as the number of sessions, so that a client of the pool has three sessions on average. The
rest are clients seen once. Two sessions of one returning client may touch in time, as anybody's may.
"""

from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import quote

RETURNING_SHARE = 0.30
KNOWN_SHARE = 0.25
"""Of the clients, who have signed in: their hits carry a user id (uid)."""
_BYTES_A_SESSION = 1_215
"""Of browsing_train.csv: 6.0 GB for 4,934,699 sessions."""


class Tenant(NamedTuple):
    """One shop of several that share the collector."""

    tracking_id: str
    host: str
    currency: str


class Device(NamedTuple):
    """A browser, and the screens it is seen on."""

    user_agent: str
    screens: tuple[str, ...]


TENANTS = (
    Tenant("UA-1000001-1", "shop.example.com", "USD"),
    Tenant("UA-1000002-1", "shop.example.de", "EUR"),
    Tenant("UA-1000003-1", "shop.example.ca", "CAD"),
)
LANGUAGES = ("en-us", "en-us", "en-us", "en-gb", "de-de", "fr-fr", "fr-ca", "es-es", "it-it", "pt-br")
_DESKTOP = ("1920x1080", "1920x1080", "1366x768", "1536x864", "2560x1440")
DEVICES = (
    Device(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/71.0.3578.98 Safari/537.36",
        _DESKTOP,
    ),
    Device(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/72.0.3626.109 Safari/537.36",
        _DESKTOP,
    ),
    Device("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:65.0) Gecko/20100101 Firefox/65.0", _DESKTOP),
    Device(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_3) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/12.0.3 Safari/605.1.15",
        ("1440x900", "1680x1050", "2560x1440"),
    ),
    Device(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 12_1_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/12.0 Mobile/15E148 Safari/604.1",
        ("375x667", "375x812", "414x896"),
    ),
    Device(
        "Mozilla/5.0 (Linux; Android 9; SM-G960F) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/71.0.3578.99 Mobile Safari/537.36",
        ("360x740",),
    ),
    Device(
        "Mozilla/5.0 (Linux; Android 8.0.0; SAMSUNG SM-G950F) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/8.2 Chrome/63.0.3239.111 Mobile Safari/537.36",
        ("360x740",),
    ),
    Device(
        "Mozilla/5.0 (iPad; CPU OS 12_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/12.0 Mobile/15E148 Safari/604.1",
        ("768x1024",),
    ),
)
REFERRERS = (
    "",
    "",
    "https://www.google.com/",
    "https://www.google.com/",
    "https://www.bing.com/",
    "https://www.facebook.com/",
    "https://www.instagram.com/",
    "https://newsletter.example.com/",
)


class Visitor(NamedTuple):
    """One session's visitor.

    `document_referrer` is where the visit came from, and it is the same for all of its hits: the shop is a
    single-page application, in which `document.referrer` stays that of the landing.
    """

    client_id: str
    user_id: str
    tenant: Tenant
    language: str
    screen: str
    user_agent: str
    document_referrer: str
    digest: int
    """32 bits of the client: the same for all sessions of one client."""

    @property
    def email(self) -> str:
        """Of a visitor who is known; empty for others."""
        return f"{self.user_id}@example.org" if self.user_id else ""


class Visitors:
    """Sessions to visitors. `pool`: clients who come back, a power of two so that a few rows more change nobody."""

    def __init__(self, *, pool: int, seed: int) -> None:
        self._pool = max(1, pool)
        self._keyed = blake2b(digest_size=16, key=seed.to_bytes(8, "big"))

    def of(self, session: str) -> Visitor:
        """Who a session belongs to."""
        own = self._digest(session)
        if own[0] < RETURNING_SHARE * 256:
            client = self._digest(f"returning {int.from_bytes(own[1:8], 'big') % self._pool}")
        else:
            client = self._digest(f"once {session}")
        text = client.hex()
        tenant = TENANTS[client[8] % len(TENANTS)]
        device = DEVICES[client[9] % len(DEVICES)]
        return Visitor(
            client_id=f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}",
            user_id=f"user-{text[:10]}" if client[10] < KNOWN_SHARE * 256 else "",
            tenant=tenant,
            language=LANGUAGES[client[11] % len(LANGUAGES)],
            screen=device.screens[client[12] % len(device.screens)],
            user_agent=device.user_agent,
            document_referrer=REFERRERS[own[8] % len(REFERRERS)],
            digest=int.from_bytes(client[:4], "big"),
        )

    def _digest(self, name: str) -> bytes:
        hashing = self._keyed.copy()
        hashing.update(name.encode("utf-8", "replace"))
        return hashing.digest()


def pool_size(browsing_bytes: int) -> int:
    """How many clients come back, for a browsing file of this size: a tenth of its sessions, as a power of two."""
    sessions = browsing_bytes // _BYTES_A_SESSION
    return 1 << max(0, (sessions // 10).bit_length() - 1)


def quoted(value: str) -> str:
    """Percent-encoded as urlencoded bodies have it; hashes, which most values are, need none."""
    return value if value.isalnum() and value.isascii() else quote(value, safe="")
