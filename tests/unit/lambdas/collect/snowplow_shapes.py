"""The shapes of Snowplow's bad rows: fields and limits as Iglu Central publishes them (Apache License 2.0), under
`com.snowplowanalytics.snowplow.badrows`, without their descriptions."""

from typing import Any


def shape(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def text(longest: int | None = None, null: bool = False, **more: Any) -> dict[str, Any]:
    limit = {} if longest is None else {"maxLength": longest}
    return {"type": ["string", "null"] if null else "string", **limit, **more}


def items(of: dict[str, Any], null: bool = False, **more: Any) -> dict[str, Any]:
    return {"type": ["array", "null"] if null else "array", "items": of, **more}


def row(failure: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    processor = shape(
        {"artifact": text(512), "version": text(32, pattern=r"^(\d+\.\d+\.\d+.*)$")}, ["artifact", "version"]
    )
    return shape({"failure": failure, "payload": payload, "processor": processor}, ["failure", "payload", "processor"])


INSTANT = text(format="date-time")
SIZE = {"type": "integer", "minimum": 0, "maximum": 1_073_741_824}
PARAMETERS = items(shape({"name": text(512), "value": text(512, True)}, ["name", "value"]), null=True)

NOT_EXPECTED = shape({"field": text(64), "value": text(null=True), "expectation": text(256)}, ["field", "expectation"])
NOT_JSON = shape({"field": text(64), "value": text(null=True), "error": text()}, ["field", "error"])
NOT_SELF_DESCRIBING = shape(
    {
        "json": {},
        "error": text(enum=["INVALID_SCHEMAVER", "INVALID_IGLUURI", "INVALID_DATA_PAYLOAD", "INVALID_SCHEMA"]),
    },
    ["json", "error"],
)
NOT_THE_CRITERION = shape({"schemaKey": text(), "schemaCriterion": text()}, ["schemaKey", "schemaCriterion"])

ISSUE = shape({"path": text(), "message": text()}, ["path", "message"])
REPORT = shape(
    {"message": text(), "path": text(null=True), "keyword": text(null=True), "targets": {"type": ["array", "null"]}},
    ["path", "message", "keyword", "targets"],
)
LOOKUP_ERROR = {
    "type": "object",
    "properties": {"error": {"enum": ["RepoFailure", "ClientFailure", "NotFound"]}, "message": text(256)},
    "required": ["error"],
}
LOOKUP = {
    "type": "object",
    "properties": {
        "errors": items(LOOKUP_ERROR, minItems=1),
        "attempts": {"type": "integer", "minimum": 0},
        "lastAttempt": INSTANT,
    },
    "required": ["repository", "errors", "attempts", "lastAttempt"],
}
NOT_VALID = shape(
    {
        "schemaKey": text(),
        "error": {
            "anyOf": [
                shape(
                    {"error": {"enum": ["ResolutionError"]}, "lookupHistory": items(LOOKUP, minItems=1)},
                    ["error", "lookupHistory"],
                ),
                shape(
                    {"error": {"enum": ["ValidationError"]}, "dataReports": items(REPORT, minItems=1)}, ["dataReports"]
                ),
                shape(
                    {
                        "error": {"enum": ["ValidationError"]},
                        "schemaIssues": items(ISSUE, minItems=1),
                    },
                    ["error"],
                ),
            ]
        },
    },
    [],
)

COLLECTED = {
    "vendor": text(64),
    "version": text(16),
    "contentType": text(256, True),
    "encoding": text(32),
    "hostname": text(8192, True),
    "timestamp": text(null=True, format="date-time"),
    "ipAddress": text(128, True),
    "useragent": text(4096, True),
    "refererUri": text(8192, True),
    "headers": items(text(8192), null=True),
}
# Of the enriched event's 131 fields those that a tracker's parameters give, which are texts all.
ENRICHED = {
    name: text(null=True)
    for name in (
        *("app_id", "platform", "event", "event_id", "name_tracker", "v_tracker", "domain_userid", "domain_sessionid"),
        *("page_url", "page_title", "page_referrer", "collector_tstamp", "v_collector", "v_etl"),
    )
}

SHAPES = {
    "schema_violations/jsonschema/2-0-1": row(
        shape(
            {
                "timestamp": INSTANT,
                "messages": items({"anyOf": [NOT_JSON, NOT_SELF_DESCRIBING, NOT_THE_CRITERION, NOT_VALID]}),
            },
            ["timestamp", "messages"],
        ),
        {
            "type": "object",
            "properties": {
                "raw": shape(
                    {
                        **COLLECTED,
                        "parameters": PARAMETERS,
                        "loaderName": text(32),
                        "userId": text(null=True, format="uuid"),
                    },
                    ["vendor", "version", "loaderName", "encoding"],
                ),
                "enriched": shape(ENRICHED, []),
            },
        },
    ),
    "tracker_protocol_violations/jsonschema/1-0-1": row(
        shape(
            {
                "timestamp": INSTANT,
                "vendor": text(64),
                "version": text(16),
                "messages": items(
                    {"anyOf": [NOT_EXPECTED, NOT_JSON, NOT_SELF_DESCRIBING, NOT_THE_CRITERION, NOT_VALID]}
                ),
            },
            ["timestamp", "vendor", "version", "messages"],
        ),
        shape(
            {
                **COLLECTED,
                "querystring": PARAMETERS,
                "body": text(null=True),
                "collector": text(32),
                "networkUserId": text(null=True, format="uuid"),
            },
            ["vendor", "version", "collector", "encoding"],
        ),
    ),
    "size_violation/jsonschema/1-0-0": row(
        shape(
            {
                "timestamp": INSTANT,
                "maximumAllowedSizeBytes": SIZE,
                "actualSizeBytes": SIZE,
                "expectation": text(256),
            },
            ["timestamp", "maximumAllowedSizeBytes", "actualSizeBytes"],
        ),
        text(),
    ),
    "collector_payload_format_violation/jsonschema/1-0-0": row(
        shape(
            {
                "timestamp": INSTANT,
                "loader": text(enum=["clj-tomcat", "cloudfront", "ndjson", "thrift", "tsv"]),
                "message": shape({"error": text(512)}, ["error"]),
            },
            ["timestamp", "loader", "message"],
        ),
        text(),
    ),
    "generic_error/jsonschema/1-0-0": row(
        shape({"timestamp": INSTANT, "errors": items(text(), minItems=1)}, ["timestamp", "errors"]), text()
    ),
}
