"""What a hit itself says about its visitor's consent, in the parameters that Google's consent mode adds.

`gcs=G1xy`: x is the consent to advertising cookies, y to those of analytics; 1 granted, 0 denied.
`gcd=11l1p1l1l5`: a letter each for ad_storage, analytics_storage, ad_user_data and ad_personalization.
`npa`, `aip` and the letters about advertising say nothing about analytics.
https://developers.google.com/tag-platform/security/guides/consent-debugging
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

# Denied by default, denied by default and by choice, granted by default and denied by choice, denied by choice.
_DENIED = frozenset("pqum")

_SIGNAL = re.compile(r'(?:^|[&\s"])(?P<name>gc[sd])(?:=|"\s*:\s*")(?P<value>[^&\s"]*)')


def refuses_analytics(parameters: Mapping[str, object]) -> bool:
    """Whether a hit says that analytics were refused."""
    if "gcs" not in parameters and "gcd" not in parameters:  # nearly every hit
        return False
    status, details = parameters.get("gcs"), parameters.get("gcd")
    if isinstance(status, str) and status[:2] == "G1" and status[3:4] == "0":
        return True
    letters = list(filter(str.isalpha, details)) if isinstance(details, str) else []
    return len(letters) > 1 and letters[1] in _DENIED


def seen_to_refuse_analytics(raw: bytes) -> bool:
    """The same of a hit that nobody could read, or of several: whether any of its signals can be seen to say so."""
    if b"gcs" not in raw and b"gcd" not in raw:
        return False
    found = _SIGNAL.finditer(raw.decode("utf-8", "replace"))
    return any(refuses_analytics({signal["name"]: unquote_plus(signal["value"])}) for signal in found)
