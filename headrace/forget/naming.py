"""Where a stored line says whose it is: the places that the envelope and the protocols have for it."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headrace.home import PROJECT_FOLDER

# The collector's own lists of these places.
sys.path.append(str(PROJECT_FOLDER / "lambdas"))

from collect.protocols.snowplow_people import CLIENT_SESSION, PEOPLE

# Under these names somebody is called so, wherever they stand.
USER_KEYS = frozenset({"user_id", "uid", "userId", "previousId", "previous_id"})
USER_KEY = "user_id"
EMAIL_KEY = "email"

# And so is a browser or device, but only where a protocol has a place for it: among a site's own properties anything
# may be called `cid`. An alias' `previousId` is a client's, if the visitor was not known before.
HIT_CLIENT_KEYS = frozenset({"cid", "anonymousId", "previousId", "duid", "nuid", "tnuid"})
ENVELOPE_CLIENT_KEY = "client_id"
ENRICHED_CLIENT_KEYS = frozenset({"domain_userid", "network_userid"})

# In a text that nobody could read, one of these says that what follows is an id.
KEYS = USER_KEYS | HIT_CLIENT_KEYS | ENRICHED_CLIENT_KEYS | {ENVELOPE_CLIENT_KEY, "anonymous_id"}


def users_and_texts(value: object) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, under the nearest name; under USER_KEY where a protocol says by other means that it
    is a user's id."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, str):
            yield name, one
        elif isinstance(one, int | float) and not isinstance(one, bool):
            yield name, str(one)
        elif isinstance(one, dict):
            waiting += _named(name, one)
        elif isinstance(one, list):
            waiting += [(name, item) for item in one]


def clients(value: object) -> Iterator[str]:
    """The clients that a line names: an envelope, a mended hit on its way back, or a bad row in Snowplow's shape."""
    yield from _texts(_part(value, "context"), {ENVELOPE_CLIENT_KEY})
    yield from _texts(_part(value, "data", "payload", "enriched"), ENRICHED_CLIENT_KEYS)
    for hit in (_part(value, "request", "body"), _part(value, "hit"), _refused_parameters(value)):
        yield from _texts(hit, HIT_CLIENT_KEYS)
        for described in (_part(hit, "ue_pr", "data"), *_list(_part(hit, "co").get("data"))):
            if str(_part(described).get("schema")).startswith(CLIENT_SESSION):
                yield from _texts(_part(described, "data"), {"userId"})


def user(value: object) -> str | None:
    """The user whom an envelope names, or a mended hit on its way back; None where it names nobody, or is neither."""
    for part, names in (("context", ("user_id",)), ("hit", ("uid", "userId"))):
        if found := next(_texts(_part(value, part), names), None):
            return found
    return None


def _named(name: str, one: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    """The items of an object that stands under a name, by what they are."""
    if one.keys() == {"name", "value"}:  # a parameter in Snowplow's bad rows
        return [*one.items(), (str(one["name"]), one["value"])]
    if isinstance(schema := one.get("schema"), str) and isinstance(data := one.get("data"), dict):
        if schema.startswith(CLIENT_SESSION):
            return [(ENVELOPE_CLIENT_KEY if key == "userId" else key, item) for key, item in data.items()]
        people = PEOPLE.get(schema, ())
        # Under their own names too: without a key an address is one.
        return [*data.items(), *((USER_KEY, data[key]) for key in people if key in data)]
    if "id" in one and (name == "traits" or one.get("type") == "user_id"):  # traits, or one of Segment's external ids
        return [*one.items(), (USER_KEY, one["id"])]
    if one.get("type") == "group":  # whose traits are the group's
        return [("" if key == "traits" else key, item) for key, item in one.items()]
    return one.items()


def _refused_parameters(value: object) -> dict[str, Any]:
    payload = _part(value, "data", "payload")
    pairs = [*_list(_part(payload, "raw").get("parameters")), *_list(payload.get("querystring"))]
    return {str(_part(pair).get("name")): _part(pair).get("value") for pair in pairs}


def _part(value: object, *names: str) -> dict[str, Any]:
    """The object at a place; an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        found = value.get(name)
        if isinstance(found, str | int) and not isinstance(found, bool) and (text := str(found).strip()):
            yield text
