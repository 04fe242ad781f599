"""Every minute, the counts go to S3 as two small files that a page can fetch. EventBridge Scheduler invokes it.

`level_information.json` is what the levels' rows say. `transition_information.json` has each transition in one file and
no other. To that end counts are taken from their rows and put into parts, in one transaction; the file is written of
the parts; then all parts are deleted, in one transaction. A run that dies leaves parts: the next run writes their file,
with the same update_id and time, and what was counted meanwhile waits for the one after it.
"""

import logging
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import orjson

from live_counts.counts import Tables
from live_counts.settling import unopposed
from shared.clients import client
from shared.envelope import encode_json
from shared.observability import count, log
from shared.states import plain

PREFIX = "live_counts/"
LEVELS_FILE = "level_information.json"
TRANSITIONS_FILE = "transition_information.json"

UPDATE_INTERVAL_SECONDS = 60

# Parts that are younger belong to a run that may still be at it; a function is given less time, the next run comes
# later.
RUN_MS = 55_000

ROWS_IN_A_PART = 99  # with the part itself, as many items as a transaction has (DynamoDB quota)
MAX_PARTS = 100  # deleted in one transaction; further transitions wait for the next file


class Update(NamedTuple):
    """One writing of the files. id: a UUID. at: epoch ms."""

    id: str
    at: int

    def document(self, name: str, value: object) -> bytes:
        when = datetime.fromtimestamp(self.at / 1000, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        return encode_json(
            {
                "update_time": f"{when}Z",
                "update_id": self.id,
                "update_interval_secs": UPDATE_INTERVAL_SECONDS,
                name: value,
            }
        )


def handler(_event: Any, _context: Any) -> dict[str, object]:
    """Raises botocore's errors: the function's error alarm is then right to ring, and the next run goes on."""
    update = Update(str(uuid4()), time.time_ns() // 1_000_000)
    dynamodb, s3 = client("dynamodb"), client("s3")
    summary = flush(dynamodb, s3, Tables.of(os.environ), os.environ["BUCKET"], update)
    log(logging.WARNING if summary["busy"] else logging.INFO, "flush", **summary)
    count({"Levels": summary["levels"], "Transitions": summary["transitions"]}, by_reason={})
    return summary


def flush(dynamodb: Any, s3: Any, tables: Tables, bucket: str, update: Update) -> dict[str, Any]:
    """Writes both files. Returns what they hold; `busy` says that another run has the transitions."""
    levels = read_levels(dynamodb, tables.levels)
    put(s3, bucket, LEVELS_FILE, update.document("level_player_counts", {k: n for k, n in levels.items() if n > 0}))
    forget_levels(dynamodb, tables.levels, [level for level, number in levels.items() if number == 0])
    transitions = flush_transitions(dynamodb, s3, tables.transitions, bucket, update)
    return {
        "levels": sum(number > 0 for number in levels.values()),
        "players": sum(levels.values()),
        "transitions": sum(one["count"] for one in transitions or ()),
        "busy": transitions is None,
    }


def read_levels(dynamodb: Any, table: str) -> dict[str, int]:
    """How many players are at each level. Whoever moves in these milliseconds may be seen at both levels, or none."""
    return {row["levelId"]: int(row["playerCount"]) for row in _rows(dynamodb, table)}


def forget_levels(dynamodb: Any, table: str, levels: Sequence[str]) -> None:
    """Deletes the rows of levels that are still empty."""
    for level in levels:
        unopposed(
            lambda level=level: dynamodb.delete_item(
                TableName=table,
                Key={"levelId": {"S": level}},
                ConditionExpression="playerCount = :none",
                ExpressionAttributeValues={":none": {"N": "0"}},
            )
        )


def flush_transitions(
    dynamodb: Any, s3: Any, table: str, bucket: str, update: Update
) -> Sequence[Mapping[str, Any]] | None:
    """Writes the file of the transitions, and returns them; None if another run is at it."""
    rows = _rows(dynamodb, table)
    parts = [row for row in rows if "update_id" in row]
    if parts:
        begun = Update(parts[0]["update_id"], int(parts[0]["update_time"]))
        if update.at - begun.at < RUN_MS:
            return None
        update = begun
    else:
        parts = close(dynamodb, table, [row for row in rows if row["count"]], update)
        if parts is None:
            return None
        forget_transitions(dynamodb, table, [row["transitionLevels"] for row in rows if not row["count"]])
    transitions = [one for part in parts for one in orjson.loads(part["transitions"])]
    put(s3, bucket, TRANSITIONS_FILE, update.document("transitions", transitions))
    delete_parts(dynamodb, table, [part["transitionLevels"] for part in parts])
    return transitions


def close(
    dynamodb: Any, table: str, rows: Sequence[Mapping[str, Any]], update: Update
) -> list[Mapping[str, Any]] | None:
    """Takes the counts from their rows into parts, and returns those; None if another run was quicker.

    Rows that are being written at this very moment, whenever it is tried, keep their counts until the next file.
    """
    parts: list[Mapping[str, Any]] = []
    for start in range(0, min(len(rows), ROWS_IN_A_PART * MAX_PARTS), ROWS_IN_A_PART):
        taken = rows[start : start + ROWS_IN_A_PART]
        transitions = [
            {"from": row.get("levelFrom"), "to": row.get("levelTo"), "count": int(row["count"])} for row in taken
        ]
        part = {
            "transitionLevels": f"part {len(parts)}",  # no transition's key is without a slash
            "update_id": update.id,
            "update_time": str(update.at),
            "transitions": encode_json(transitions).decode(),
        }
        writes = part_writes(table, part, taken)
        if any(unopposed(lambda writes=writes: dynamodb.transact_write_items(TransactItems=writes)) for _ in range(5)):
            parts.append(part)
    return parts if parts or not rows else None


def part_writes(table: str, part: Mapping[str, str], taken: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """TransactItems: the part is there, and what it counts is no longer in the rows."""
    return [
        {
            "Put": {
                "TableName": table,
                "Item": {name: {"S": value} for name, value in part.items()},
                "ConditionExpression": "attribute_not_exists(transitionLevels)",
            }
        },
        *(
            {
                "Update": {
                    "TableName": table,
                    "Key": {"transitionLevels": {"S": row["transitionLevels"]}},
                    "UpdateExpression": "SET #count = #count - :taken",
                    "ConditionExpression": "#count >= :taken",
                    "ExpressionAttributeNames": {"#count": "count"},
                    "ExpressionAttributeValues": {":taken": {"N": str(row["count"])}},
                }
            }
            for row in taken
        ),
    ]


def forget_transitions(dynamodb: Any, table: str, keys: Sequence[str]) -> None:
    """Deletes rows that were empty at the last file, and still are."""
    for key in keys:
        unopposed(
            lambda key=key: dynamodb.delete_item(
                TableName=table,
                Key={"transitionLevels": {"S": key}},
                ConditionExpression="#count = :none",
                ExpressionAttributeNames={"#count": "count"},
                ExpressionAttributeValues={":none": {"N": "0"}},
            )
        )


def delete_parts(dynamodb: Any, table: str, keys: Sequence[str]) -> None:
    """All at once: a file written of the rest alone would lack what is in the others."""
    if keys:
        deletes = [{"Delete": {"TableName": table, "Key": {"transitionLevels": {"S": key}}}} for key in keys]
        dynamodb.transact_write_items(TransactItems=deletes)


def put(s3: Any, bucket: str, name: str, content: bytes) -> None:
    s3.put_object(
        Bucket=bucket,
        Key=f"{PREFIX}{name}",
        Body=content,
        ContentType="application/json",
        CacheControl=f"max-age={UPDATE_INTERVAL_SECONDS}",
    )


def _rows(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    """A whole table, as it is now."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [plain(item) for page in pages for item in page["Items"]]
