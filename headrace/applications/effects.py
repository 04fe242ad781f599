"""What the applications decided and did, from the table in which each effect is performed once."""

from dataclasses import dataclass
from typing import Any

from headrace.effects import Effect, effects_of

# A page is 1 MB. The table holds 90 days: a busy stack's would take minutes to read, and cost a cent.
MAX_PAGES = 40


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
        rows += effects_of(page["Items"])
        if number + 1 == MAX_PAGES and "LastEvaluatedKey" in page:
            return Effects(rows=tuple(rows), complete=False)
    return Effects(rows=tuple(rows), complete=True)
