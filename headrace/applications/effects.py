"""What the applications decided and did, from the table in which each effect is performed once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

# A page is 1 MB. The table holds 90 days: a busy stack's would take minutes to read, and cost a cent.
MAX_PAGES = 40

_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One row. decided_at, performed_at: epoch ms; not performed yet, or given up, where the latter is None."""

    effect_id: str
    application: str
    kind: str
    key: str
    decided_at: int
    performed_at: int | None
    detail: Mapping[str, Any]
    result: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Effects:
    """complete: False where the table holds more than was read."""

    rows: tuple[Effect, ...]
    complete: bool

    def of(self, application: str) -> list[Effect]:
        """One application's, the newest first."""
        found = [row for row in self.rows if row.application == application]
        return sorted(found, key=lambda row: (row.decided_at, row.effect_id), reverse=True)


def read_effects(dynamodb: Any, table: str) -> Effects:
    """Reads the table. Raises botocore's errors."""
    rows: list[Effect] = []
    for number, page in enumerate(dynamodb.get_paginator("scan").paginate(TableName=table)):
        rows += [effect_of(item) for item in page["Items"]]
        if number + 1 == MAX_PAGES and "LastEvaluatedKey" in page:
            return Effects(rows=tuple(rows), complete=False)
    return Effects(rows=tuple(rows), complete=True)


def effect_of(item: Mapping[str, Any]) -> Effect:
    row = {name: _deserialize(value) for name, value in item.items()}
    performed_at = row.get("performed_at")
    return Effect(
        effect_id=row["effect_id"],
        application=row["application"],
        kind=row["kind"],
        key=row["key"],
        decided_at=int(row["decided_at"]),
        performed_at=None if performed_at is None else int(performed_at),
        detail=json.loads(row["detail"]),
        result=json.loads(row.get("result", "{}")),
    )
