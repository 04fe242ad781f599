"""What a message itself says about its visitor's consent, in Segment's consent object:
https://segment.com/docs/privacy/consent-management/consent-in-segment-connections/#consent-object
"""

import re
from collections.abc import Mapping
from typing import Any

# Whose refusal is one of analytics: the category's usual name, and OneTrust's number for "performance cookies".
ANALYTICS_CATEGORIES = frozenset({"analytics", "c0002"})

_PREFERENCES = re.compile(rb'"categoryPreferences"\s*:\s*\{(?P<preferences>[^{}]*)')
_REFUSED = re.compile(rb'"\s*(?P<category>[^"\s]+)\s*"\s*:\s*false')


def refuses_analytics(context: object) -> bool:
    """Whether a message's context says that analytics were refused."""
    preferences = _object(_object(_object(context).get("consent")).get("categoryPreferences"))
    return any(value is False and name.strip().lower() in ANALYTICS_CATEGORIES for name, value in preferences.items())


def seen_to_refuse_analytics(raw: bytes) -> bool:
    """The same of a message that was refused, or of a whole request: whether it can be seen to say so."""
    return any(
        refused["category"].decode("utf-8", "replace").lower() in ANALYTICS_CATEGORIES
        for match in _PREFERENCES.finditer(raw)
        for refused in _REFUSED.finditer(match["preferences"])
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
