"""What the collector costs by itself: processor time an event, and import time, beside the ancestor's way.

    python -m benchmarks.collect

AWS is left out: the clients here answer at once. The ancestor's way is json.loads, one envelope and one put a hit, for
JSON bodies only, with nothing checked; it is written here from its description.
"""

import base64
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from benchmarks import collect_snowplow

LAMBDAS = Path(__file__).resolve().parent.parent / "lambdas"
sys.path.insert(0, str(LAMBDAS))

EVENTS = 1_000
ROUNDS = 20
IMPORTS = 5
HITS_A_BATCH = 20
URLENCODED, JSON_LINES = "collect, batches of 20, urlencoded", "collect, batches of 20, JSON lines"
SNOWPLOW = "collect, batches of 20, Snowplow"
BUDGETS = {URLENCODED: 40, JSON_LINES: 40, SNOWPLOW: collect_snowplow.BUDGET_MICROSECONDS}  # µs an event
BUDGET_IMPORT_MILLISECONDS = 120

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

ENVIRONMENT = {
    "EVENTS_STREAM": "events",
    "RAW_DELIVERY_STREAM": "raw",
    "BAD_DELIVERY_STREAM": "bad",
    "BUCKET": "bucket",
    "POWERTOOLS_SERVICE_NAME": "collect",
    "POWERTOOLS_METRICS_NAMESPACE": "Headrace",
}

IMPORT = """
import sys, time
sys.path.insert(0, {lambdas!r})
import boto3, botocore.config, botocore.exceptions
start = time.process_time()
{statement}
print(time.process_time() - start)
"""


class Instant:
    """Every AWS client: it takes everything at once."""

    def put_records(self, *, Records: list[Any], **_stream: str) -> dict[str, Any]:
        return {"FailedRecordCount": 0, "Records": [{"SequenceNumber": "1"}] * len(Records)}

    def put_record_batch(self, *, Records: list[Any], **_stream: str) -> dict[str, Any]:
        return {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "1"}] * len(Records)}


def hit(number: int) -> dict[str, str]:
    """An add-to-cart as a shop sends it: 26 parameters, 510 bytes when urlencoded, so that 20 fit a batch."""
    return {
        "v": "1", "tid": "UA-12345678-1", "cid": f"35009a79-1a05-49d7-b876-{number % 4096:012x}", "z": str(number),
        "t": "event", "ec": "ecommerce", "ea": "add", "ni": "0", "qt": str(number % 9000), "ds": "web",
        "dl": f"https://shop.example/products/{number}?utm_source=newsletter",
        "dt": f"Chaussures de randonnée n° {number % 977}, été", "ul": "fr-be", "de": "UTF-8",
        "sr": "1920x1080", "vp": "1903x969", "sd": "24-bit", "cu": "EUR", "pa": "add", "pr1id": f"sku-{number % 977}",
        "pr1nm": "Trail shoe", "pr1br": "Head & Race", "pr1ca": "Shoes/Trail", "pr1pr": "119.90", "pr1qt": "1",
        "ua": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0",
    }  # fmt: skip


def request(path: str, body: str, content_type: str, encoded: bool) -> dict[str, Any]:
    """An HTTP API event, payload 2.0, with a browser's headers. encoded: base64, as the API does to urlencoded."""
    return {
        "version": "2.0", "routeKey": f"POST {path}", "rawPath": path, "rawQueryString": "",
        "headers": {
            "accept": "*/*", "accept-encoding": "gzip, deflate, br", "accept-language": "fr-BE,fr;q=0.9,en;q=0.8",
            "content-type": content_type, "cookie": "session=secret", "host": "collect.shop.example",
            "origin": "https://shop.example", "referer": "https://shop.example/", "sec-ch-ua-mobile": "?0",
            "user-agent": hit(0)["ua"], "x-forwarded-for": "203.0.113.77", "x-forwarded-proto": "https",
        },
        "requestContext": {
            "domainName": "collect.shop.example", "requestId": "JKJaXmPLvHcESHA=", "stage": "$default",
            "http": {"method": "POST", "path": path, "sourceIp": "203.0.113.77"}, "timeEpoch": 1_763_777_777_000,
        },
        "body": base64.b64encode(body.encode()).decode() if encoded else body,
        "isBase64Encoded": encoded,
    }  # fmt: skip


def ancestor(event: dict[str, Any], client: Instant) -> dict[str, Any]:
    """One JSON hit a request, one record a put."""
    body = json.loads(event["body"])
    headers = {"Content-Type": "image/gif", "Access-Control-Allow-Origin": "*"}
    context = event["requestContext"]
    line = {
        "service": {"id": "api.collect"},
        "context": {
            "user_ip": body.get("uip", context["http"]["sourceIp"]),
            "user_agent": body.get("ua"),
            "document_location": body.get("dl"),
            "document_referrer": body.get("dr"),
            "client_id": body["cid"],
            "user_id": body.get("uid"),
        },
        "request": {
            "id": body["z"],
            "timestamp": context["timeEpoch"],
            "hostname": context["domainName"],
            "path": context["http"]["path"],
            "method": context["http"]["method"],
            "headers": event["headers"],
            "body": body,
        },
        "response": {"id": body["z"], "timestamp": int(time.time() * 1000), "statusCode": 200, "headers": headers},
    }
    client.put_record_batch(DeliveryStreamName="raw", Records=[{"Data": json.dumps(line).encode()}])
    return {"statusCode": 200, "headers": headers}


def microseconds_an_event(ways: dict[str, Callable[[], None]]) -> dict[str, float]:
    """Processor time of this process. The ways take turns, and of each the best round counts: whatever else runs on
    this machine only ever adds, and adds to all of them."""
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, answer_all in ways.items():
            start = time.process_time()
            answer_all()
            best[name] = min(best[name], time.process_time() - start)
    return {name: seconds / EVENTS * 1e6 for name, seconds in best.items()}


def processor_time() -> dict[str, float]:
    """Microseconds an event, for the collector in its uses, and for ways that do less."""
    from collect import handler
    from shared.outlet import Outlet

    streams = Outlet(ENVIRONMENT, lambda _service: Instant())
    client = Instant()
    hits = [hit(number) for number in range(EVENTS)]
    starts = range(0, EVENTS, HITS_A_BATCH)
    lines = [urlencode(each) for each in hits]
    json_lines = [json.dumps(each) for each in hits]
    batches = [request("/batch", "\n".join(lines[at : at + HITS_A_BATCH]), FORM, True) for at in starts]
    json_batches = [request("/batch", "\n".join(json_lines[at : at + HITS_A_BATCH]), JSON, False) for at in starts]
    singles = [request("/collect", line, FORM, True) for line in lines]
    json_singles = [request("/collect", line, JSON, False) for line in json_lines]
    tracked = [collect_snowplow.event(number) for number in range(EVENTS)]
    payloads = [collect_snowplow.payload(tracked[at : at + HITS_A_BATCH]) for at in starts]
    snowplow = [request(collect_snowplow.TP2, payload, JSON, False) for payload in payloads]

    def collect(requests: list[dict[str, Any]]) -> None:
        for event in requests:
            headers = handler.handler(event, None)["headers"]
            assert "x-headrace-bad-rows" not in str(headers)

    def collect_the_ancestors_way() -> None:
        for event in json_singles:
            ancestor(event, client)

    def put_snowplow_alone() -> None:
        for event in snowplow:
            collect_snowplow.minimal(event, client)

    def instant_streams() -> Outlet:
        return streams

    with mock.patch.object(handler, "outlet", new=instant_streams):
        return microseconds_an_event(
            {
                URLENCODED: lambda: collect(batches),
                JSON_LINES: lambda: collect(json_batches),
                "collect, one a request, urlencoded": lambda: collect(singles),
                "the ancestor's way, one a request, JSON": collect_the_ancestors_way,
                SNOWPLOW: lambda: collect(snowplow),
                "json.loads and a put, batches of 20, Snowplow": put_snowplow_alone,
            }
        )


def import_milliseconds(statement: str) -> float:
    """Processor time of an import in a new interpreter that has imported boto3; the median of several."""
    program = IMPORT.format(lambdas=str(LAMBDAS), statement=statement)
    environment = {**os.environ, **ENVIRONMENT}
    command = [sys.executable, "-c", program]
    runs = [subprocess.check_output(command, text=True, env=environment) for _ in range(IMPORTS)]
    return statistics.median(float(seconds) for seconds in runs) * 1e3


def main() -> None:
    """Prints both figures, each beside its budget or the ancestor's."""
    os.environ.update(ENVIRONMENT)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        figures = processor_time()
    table = Table("own processor time", "µs an event", "budget")
    for name, figure in figures.items():
        table.add_row(name, f"{figure:.1f}", str(BUDGETS.get(name, "")))
    imports = Table("import beyond boto3's", "ms", "budget")
    for function in ("collect", "reingest"):
        milliseconds = import_milliseconds(f"import {function}.handler")
        imports.add_row(function, f"{milliseconds:.0f}", f"{BUDGET_IMPORT_MILLISECONDS}")
    console = Console()
    console.print(table)
    console.print(imports)


if __name__ == "__main__":
    main()
