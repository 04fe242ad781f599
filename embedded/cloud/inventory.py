"""What of a stack exists on this machine: its processes, ports and files, and what its cloud holds.

`make destroy` takes it before and after, and so proves that nothing is left.
"""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from embedded.cloud.cloud import Running
from embedded.cloud.ports import taken

Inventory = Counter[str]

# How each kind of resource is listed: kind, service, operation, where in the answer.
LISTINGS = (
    ("buckets", "s3", "list_buckets", "Buckets"),
    ("streams", "kinesis", "list_streams", "StreamNames"),
    ("delivery streams", "firehose", "list_delivery_streams", "DeliveryStreamNames"),
    ("functions", "lambda", "list_functions", "Functions"),
    ("stream mappings", "lambda", "list_event_source_mappings", "EventSourceMappings"),
    ("roles", "iam", "list_roles", "Roles"),
    ("users", "iam", "list_users", "Users"),
    ("HTTP APIs", "apigatewayv2", "get_apis", "Items"),
    ("log groups", "logs", "describe_log_groups", "logGroups"),
    ("alarms", "cloudwatch", "describe_alarms", "MetricAlarms"),
    ("dashboards", "cloudwatch", "list_dashboards", "DashboardEntries"),
    ("queues", "sqs", "list_queues", "QueueUrls"),
    ("topics", "sns", "list_topics", "Topics"),
    ("schedules", "scheduler", "list_schedules", "Schedules"),
    ("buses", "events", "list_event_buses", "EventBuses"),
    ("tables", "dynamodb", "list_tables", "TableNames"),
    ("e-mail identities", "sesv2", "list_email_identities", "EmailIdentities"),
)
CONFIG = Config(retries={"max_attempts": 1}, connect_timeout=2, read_timeout=10)


def on_this_machine(folder: Path, running: Running | None) -> Inventory:
    """Living processes, ports that answer, and files."""
    found: Inventory = Counter()
    if running:
        processes = [process for process in (running.emulator, running.runtime) if process]
        found["processes"] = sum(process.alive for process in processes)
        found["ports"] = sum(taken(port) for port in asdict(running.ports).values())
    found["files"] = sum(path.is_file() and path.name != "lock" for path in folder.rglob("*"))
    return found


def in_the_cloud(environment: dict[str, str]) -> Inventory:
    """Resources by kind, as the cloud's own APIs list them; those that AWS itself brings along are left out."""
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    found: Inventory = Counter()
    clients: dict[str, Any] = {}
    for kind, service, operation, key in LISTINGS:
        if service not in clients:
            endpoint = environment.get(f"AWS_ENDPOINT_URL_{service.upper()}", environment["AWS_ENDPOINT_URL"])
            clients[service] = session.client(service, endpoint_url=endpoint, config=CONFIG)
        try:
            found[kind] = sum(not _of_aws(entry) for entry in getattr(clients[service], operation)().get(key, []))
        except (ClientError, BotoCoreError):
            found[f"{kind} (not listed)"] = 1
    found["rules"] = _rules(clients["events"])
    return found


def _rules(events: Any) -> int:
    """The rules on all buses: they are listed bus by bus."""
    try:
        buses = [bus["Name"] for bus in events.list_event_buses()["EventBuses"]]
        return sum(len(events.list_rules(EventBusName=bus)["Rules"]) for bus in buses)
    except (ClientError, BotoCoreError):
        return 0  # that nothing could be listed is said by the buses


def _of_aws(entry: Any) -> bool:
    """Whether a resource is one that every account has."""
    if not isinstance(entry, dict):
        return False
    return str(entry.get("Path", "")).startswith("/aws-service-role/") or str(entry.get("Arn", "")).endswith(
        ":event-bus/default"
    )
