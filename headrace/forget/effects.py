"""What was decided for the person, in the table of effects: of each, its bare id stays.

By the id nothing is done twice: a table's stream may hand a decision over once more, also after its customer was
forgotten. It is derived from what caused it, and leads back to nobody.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headrace.forget.emails import Emails
from headrace.forget.person import Person

KEPT = frozenset({"effect_id", "performed_at", "expires_at"})


def concerning(person: Person, effects: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those for the person, or with an address of theirs in what is told of them."""
    emails = Emails(person.emails)
    for one in effects:
        if one["key"] in person.everything or emails.stand_in(one.get("detail", "")):
            yield one


def make_bare(dynamodb: Any, table: str, effect: Mapping[str, Any]) -> None:
    """Not while it is being performed: what is noted then would stay. What was not performed yet never will be. Raises
    botocore's errors."""
    names = {f"#{number}": name for number, name in enumerate(sorted(effect.keys() - KEPT))}
    dynamodb.update_item(
        TableName=table,
        Key={"effect_id": {"S": effect["effect_id"]}},
        UpdateExpression=f"SET performed_at = if_not_exists(performed_at, :now_ms) REMOVE {', '.join(names)}",
        ConditionExpression="attribute_not_exists(claimed_until) OR claimed_until < :now",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":now_ms": {"N": str(time.time_ns() // 1_000_000)},
            ":now": {"N": str(int(time.time()))},
        },
    )
