"""Why a hit is refused, and what its sender is told: the one table of reasons and statuses.

Google Analytics' protocol answers 2xx to whatever arrives as an HTTP request it can read, also where the hit inside is
of no use; its clients know nothing else. So a fault in what a hit says is 200 (with a bad row behind it), and only a
fault in how the request was written is a 4xx.

Google itself drops hits without `v` and `tid`. Here they are kept, because there is one version and one property, and
so are hits that lack what their type is about (an event's `ec` and `ea`, an item's `ti` and `in`, …) or hold a figure
that is none: they are incomplete, but true. `/debug/collect` names all of that as warnings, and keeps nothing.

| reason                     | status | when                                                                       |
|----------------------------|--------|----------------------------------------------------------------------------|
| unknown_route              | 404    | a path the collector does not serve                                        |
| method_not_allowed         | 405    | a path it serves, with another method                                      |
| missing_write_key          | 401    | Segment: no write key, neither by Basic authentication nor in the body     |
| unknown_write_key          | 401    | Segment: a write key that is not configured                                |
| unsupported_encoding       | 415    | a content-encoding other than gzip                                         |
| invalid_base64             | 400    | the gateway said base64, and it is not                                     |
| invalid_gzip               | 400    | content-encoding gzip, and it is not, or it is cut off                     |
| body_too_large             | 413    | a body over the protocol's limit, compressed or not; one bad row           |
| empty_request              | 400    | neither a body nor a query string                                          |
| invalid_utf8               | 400    | not UTF-8, percent-escapes included                                        |
| invalid_character          | 400    | NUL, or half of a surrogate pair                                           |
| invalid_json               | 400    | starts like JSON or says so, and is not, or is nested too deeply           |
| invalid_number             | 400    | NaN, Infinity, or a whole number of too many digits                        |
| not_an_object              | 400    | JSON that is no object, or text without one `name=value`                   |
| hit_too_large              | 413    | a hit over the protocol's limit, or a line of over 1,000,000 bytes         |
| batch_too_large            | 413    | a batch, or a hit in it, over the protocol's limit of all hits' bytes; a   |
|                            |        | request of which over 10,000,000 would be stored, headers with each hit    |
| too_many_hits              | 413    | a hit over a batch's limit; of a request far over it, one bad row          |
| too_many_parameters        | 413    | a hit of more than 1,000 parameters                                        |
| nested_too_deeply          | 400    | more levels of objects and lists than readers take (Segment: 30)           |
| duplicate_parameter        | 200    | one name twice, with different values                                      |
| nested_value               | 200    | a list or an object where a parameter's value belongs                      |
| wrong_type                 | 200    | a JSON number or boolean where text is expected                            |
| missing_client_id          | 200    | neither `cid` nor `uid`                                                    |
| client_id_too_long         | 200    | `cid` or `uid` of more than 254 characters                                 |
| missing_field              | 200    | Segment: a field that a message of this type needs                         |
| missing_hit_type           | 200    | no `t`                                                                     |
| unknown_hit_type           | 200    | `t` (Snowplow: `e`) is none of the protocol's                              |
| invalid_queue_time         | 200    | `qt` is no whole number of ms, or points before 1970                       |
| missing_parameter          | 200    | Snowplow: no `e`, `tv` or `p`, or a self-describing event without one      |
| unknown_platform           | 200    | Snowplow: `p` is none of the protocol's                                    |
| invalid_event_id           | 200    | Snowplow: `eid` is no UUID                                                 |
| invalid_time               | 200    | Snowplow: `dtm`, `stm` or `ttm` is no time in ms                           |
| not_self_describing        | 200    | Snowplow: self-describing JSON that can not be read as such                |
| unknown_schema             | 200    | Snowplow: a schema that the registry does not have                         |
| schema_violation           | 200    | Snowplow: data that its schema does not allow                              |
| internal_error             | 500    | a fault of the collector's own; the request is kept as one bad row         |

| limit                      | Google Analytics | Segment                          | Snowplow                   |
|----------------------------|------------------|----------------------------------|----------------------------|
| body_too_large, bytes      | 262,144          | 512,000                          | 1,000,000; GET 262,144     |
| hit_too_large, bytes       | 8,192            | 32,768                           | none of its own            |
| batch_too_large, bytes     | 16,384           | 4,000,000 of shared fields       | none                       |
| too_many_hits, a batch's   | 20               | 2,500                            | 5,000                      |
| too_many_hits, a request's | 500              | 5,000                            | 6,000                      |
| invalid_number, digits     | 18               | no limit: beyond 64 bits a float | no limit: figures are text |

One request can hold good hits and bad ones. A 2xx is the answer as soon as one hit is taken, because a client sends
again what it got a 4xx for; the header `x-headrace-bad-rows` counts the others. So a 4xx always means that nothing of
the request was taken. Where nothing was, the first reason that is not 200 decides. Snowplow's trackers send again, for
ever, what they get any 4xx for but 400, 401, 403, 410 and 422; so there each 4xx of the table is a 400.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A stable code; `status` is what a request gets in which nothing is better."""

    status: int

    def __new__(cls, code: str, status: int) -> "Reason":
        reason = str.__new__(cls, code)
        reason._value_ = code
        reason.status = status
        return reason

    UNKNOWN_ROUTE = "unknown_route", 404
    METHOD_NOT_ALLOWED = "method_not_allowed", 405
    MISSING_WRITE_KEY = "missing_write_key", 401
    UNKNOWN_WRITE_KEY = "unknown_write_key", 401
    UNSUPPORTED_ENCODING = "unsupported_encoding", 415
    INVALID_BASE64 = "invalid_base64", 400
    INVALID_GZIP = "invalid_gzip", 400
    BODY_TOO_LARGE = "body_too_large", 413
    EMPTY_REQUEST = "empty_request", 400
    INVALID_UTF8 = "invalid_utf8", 400
    INVALID_CHARACTER = "invalid_character", 400
    INVALID_JSON = "invalid_json", 400
    INVALID_NUMBER = "invalid_number", 400
    NOT_AN_OBJECT = "not_an_object", 400
    HIT_TOO_LARGE = "hit_too_large", 413
    BATCH_TOO_LARGE = "batch_too_large", 413
    TOO_MANY_HITS = "too_many_hits", 413
    TOO_MANY_PARAMETERS = "too_many_parameters", 413
    NESTED_TOO_DEEPLY = "nested_too_deeply", 400
    DUPLICATE_PARAMETER = "duplicate_parameter", 200
    NESTED_VALUE = "nested_value", 200
    WRONG_TYPE = "wrong_type", 200
    MISSING_CLIENT_ID = "missing_client_id", 200
    CLIENT_ID_TOO_LONG = "client_id_too_long", 200
    MISSING_FIELD = "missing_field", 200
    MISSING_HIT_TYPE = "missing_hit_type", 200
    UNKNOWN_HIT_TYPE = "unknown_hit_type", 200
    INVALID_QUEUE_TIME = "invalid_queue_time", 200
    MISSING_PARAMETER = "missing_parameter", 200
    UNKNOWN_PLATFORM = "unknown_platform", 200
    INVALID_EVENT_ID = "invalid_event_id", 200
    INVALID_TIME = "invalid_time", 200
    NOT_SELF_DESCRIBING = "not_self_describing", 200
    UNKNOWN_SCHEMA = "unknown_schema", 200
    SCHEMA_VIOLATION = "schema_violation", 200
    INTERNAL_ERROR = "internal_error", 500


class Refused(Exception):
    """A hit, or a whole request, that becomes a bad row. payload: the bytes at fault, where they differ from the hit's.

    The message is for the sender: it names parameters and limits, never values.
    """

    def __init__(self, reason: Reason, message: str, payload: bytes | None = None) -> None:
        super().__init__(message)
        self.reason, self.message, self.payload = reason, message, payload
