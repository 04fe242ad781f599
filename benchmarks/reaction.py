"""How soon an offer is on the bus after the event that earned it was posted to /collect, on the embedded cloud.

    python -m benchmarks.reaction [CUSTOMERS]

Customers are sent at fixed times, whatever the stack does, and measured from the time they were due: a stall counts
for everybody who waits in it. The clock stops when a queue behind the bus hands the offer out.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode
from urllib.request import urlopen

import boto3
from rich.console import Console
from rich.table import Table

CUSTOMERS = 200
PER_SECOND = 10
TARGET_P95_SECONDS = 1.0
PATIENCE_SECONDS = 60
WARM_UP = 20
POSTERS = 8  # the collector on the laptop takes ten requests at a time, and refuses more with 429


def main(customers: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["HEADRACE_HOME"] = home
        run("embedded", "up")
        try:
            stack = Path(home) / "local"
            os.environ.update(json.loads((stack / "environment.json").read_text()))
            outputs = json.loads((stack / "outputs.json").read_text())
            queue = queue_behind(outputs["effects_bus"])
            measure(outputs["collect_url"], queue, [f"warm{number}" for number in range(WARM_UP)])
            seconds = measure(outputs["collect_url"], queue, [f"customer{number}" for number in range(customers)])
            boto3.client("sqs").delete_queue(QueueUrl=queue)  # `destroy` would say that it is left behind
        finally:
            run("embedded", "destroy")
    show(customers, seconds)


def run(*arguments: str) -> None:
    finished = subprocess.run([sys.executable, "-m", *arguments], check=False, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(f"{' '.join(arguments)}: {finished.stdout}{finished.stderr}")


def queue_behind(bus: str) -> str:
    """The URL of a new queue that gets every offer put on the bus."""
    sqs, events = boto3.client("sqs"), boto3.client("events")
    url = sqs.create_queue(QueueName="offers-seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="offers-seen", EventBusName=bus, EventPattern=json.dumps({"detail-type": ["OfferSent"]}))
    events.put_targets(Rule="offers-seen", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def measure(collect_url: str, queue: str, customers: list[str]) -> list[float]:
    """Seconds from when each customer's last event was due to when the offer was there; those without are left out."""
    due: dict[str, float] = {}
    seen: dict[str, float] = {}
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(queue, seen, stop))
    watcher.start()
    began = time.monotonic() + 1
    with ThreadPoolExecutor(POSTERS) as pool:
        for customer in customers:
            pool.submit(post, collect_url, customer, "purchase", ti=f"T-{customer}", tr="80.00", pr1id="bought")
        pool.shutdown(wait=True)
    began = time.monotonic() + 1
    with ThreadPoolExecutor(POSTERS) as pool:
        for number, customer in enumerate(customers):
            due[customer] = began + number / PER_SECOND
            time.sleep(max(0.0, due[customer] - time.monotonic()))
            pool.submit(post, collect_url, customer, "remove", pr1id="removed")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(seen) < len(customers) and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    watcher.join()
    return sorted(seen[customer] - due[customer] for customer in customers if customer in seen)


def post(collect_url: str, customer: str, action: str, **more: str) -> None:
    hit = {
        "v": "1",
        "tid": "UA-1",
        "cid": customer,
        "t": "event",
        "ec": "ecommerce",
        "ea": action,
        "pa": action,
        "z": f"{customer}-{action}",
        "cu": "EUR",
        **more,
    }
    with urlopen(collect_url, urlencode(hit).encode()) as answer:
        answer.read()


def watch(queue: str, seen: dict[str, float], stop: threading.Event) -> None:
    sqs = boto3.client("sqs")
    while not stop.is_set():
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        now = time.monotonic()
        for message in answer.get("Messages", []):
            seen.setdefault(json.loads(message["Body"])["detail"]["customer"], now)
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def show(customers: int, seconds: list[float]) -> None:
    table = Table("figure", "value", "target", title=f"from /collect to the bus, {customers} customers, {PER_SECOND}/s")
    table.add_row("offers", f"{len(seconds)}", f"{customers}")
    if len(seconds) > 1:
        percentiles = quantiles(seconds, n=100)
        for percent in (50, 95, 99):
            target = f"< {TARGET_P95_SECONDS:.0f} s" if percent == 95 else ""
            table.add_row(f"p{percent}", f"{percentiles[percent - 1]:.2f} s", target)
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS)
