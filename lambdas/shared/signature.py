"""Signature Version 4 of one kind of request: a POST to the root of a service, always with the same headers.

The SDK's signer takes any request, and so takes apart and sorts each one anew: seven times as long.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import time
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from hmac import digest

from botocore.credentials import ReadOnlyCredentials

ALGORITHM = "AWS4-HMAC-SHA256"


class Signer:
    """service: as signatures name it. headers: of every request, by lower-case name, `host` among them."""

    def __init__(self, service: str, region: str, headers: Mapping[str, str]) -> None:
        self._service, self._region, self._headers = service, region, headers

    def signed(self, body: bytes, credentials: ReadOnlyCredentials, at: float | None = None) -> dict[str, str]:
        """A request's headers, its signature among them. at: epoch seconds; now, where it is not said."""
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
        headers = {**self._headers, "x-amz-date": moment}
        if credentials.token:
            headers["x-amz-security-token"] = credentials.token
        names = sorted(headers)
        lines, signed = "".join(f"{name}:{headers[name]}\n" for name in names), ";".join(names)
        request = f"POST\n/\n\n{lines}\n{signed}\n{sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self._region}/{self._service}/aws4_request"
        text = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = digest(_key(credentials.secret_key, scope), text.encode(), "sha256").hex()
        headers["authorization"] = (
            f"{ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={signed}, Signature={signature}"
        )
        return headers


@lru_cache(maxsize=2)  # today's, and yesterday's around midnight
def _key(secret: str, scope: str) -> bytes:
    """What signs for a day, in a region, for a service."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = digest(key, part.encode(), "sha256")
    return key
