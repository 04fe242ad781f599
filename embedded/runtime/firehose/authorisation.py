"""Whether a caller may do what it asks of Firehose.

The emulator has the account's users, roles and policies, and a Firehose of its own that checks signature and policy
before anything else. So the caller's signed request is shown to it unchanged, for a stream that it does not have:
"no such stream" means that the caller may, a refusal is handed on as it came.
"""

import time

import aiohttp

from embedded.runtime.firehose.errors import ApiError

REMEMBERED_SECONDS = 60.0
MAY = "ResourceNotFoundException"
# The emulator would carry these out. They are for whoever deploys, which is the account's root.
ROOT_ONLY = {"CreateDeliveryStream"}
# These name no stream, so that nothing says "not found": the emulator answers them, with nothing in it.
HARMLESS = {"ListDeliveryStreams"}


class Authorisation:
    """Asks the emulator at `endpoint`; `root` is the access key that may do everything."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: str, root: str) -> None:
        self._session, self._endpoint, self._root = session, endpoint, root
        self._allowed: dict[tuple[str, str, str], float] = {}

    async def check(self, operation: str, stream: str, headers: dict[str, str], body: bytes) -> None:
        """Raises ApiError where the caller may not; a permission is remembered for a minute."""
        key = access_key(headers)
        if key == self._root:
            return
        asked = (key, operation, stream)
        if self._allowed.get(asked, 0.0) > time.monotonic():
            return
        if operation in ROOT_ONLY:
            raise ApiError("AccessDeniedException", f"{key} is not authorized to perform: firehose:{operation}")
        async with self._session.post(self._endpoint, data=body, headers=headers) as response:
            answer = await response.json(content_type=None)
            code = str(answer.get("__type", "")).rpartition("#")[2]
            if code != MAY and not (operation in HARMLESS and response.status == 200):
                raise ApiError(code or "AccessDeniedException", str(answer.get("message", "")), response.status)
        self._allowed[asked] = time.monotonic() + REMEMBERED_SECONDS


def access_key(headers: dict[str, str]) -> str:
    """The access key in a request's Signature Version 4; raises ApiError where there is none."""
    authorization = headers.get("Authorization", "")
    _, found, rest = authorization.partition("Credential=")
    if not found:
        raise ApiError("MissingAuthenticationTokenException", "Request is missing Authentication Token")
    return rest.partition("/")[0]
