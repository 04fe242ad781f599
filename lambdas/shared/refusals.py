"""Bad rows of stream records: like those of the collector, with the stream in place of the request."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from shared.bad_rows import bad_row
from shared.envelope import Request
from shared.outlet import BAD, Outlet, outlet
from shared.processing import Refuse, Refused
from shared.puts import Item

# All applications read the same streams: one of them keeps what nobody can read, the others only count it.
KEEPS_UNDECODABLE = os.environ.get("KEEPS_UNDECODABLE") == "true"


def refuse(context: Any) -> Refuse:
    """What `process` is given to refuse records with. context: Lambda's, of this invocation."""

    def keep_or_count(refused: Sequence[Refused]) -> Sequence[str]:
        if not KEEPS_UNDECODABLE:
            return []
        return keep(refused, outlet(), lambda: context.get_remaining_time_in_millis() / 1000)

    return keep_or_count


def keep(refused: Sequence[Refused], outlet: Outlet, time_left: Callable[[], float]) -> list[str]:
    """Puts a bad row for each; what the stream refuses is spilled. Returns the sequences of what neither took."""
    items = [Item(_row(one)) for one in refused]
    delivered = outlet.deliver({BAD: items}, time_left)
    return [one.record.sequence for one in refused] if delivered.lost else []


def _row(refused: Refused) -> bytes:
    record, why = refused
    request = Request(
        id=record.sequence[-36:],
        timestamp=record.arrived,
        method="",
        path="",
        hostname="",
        source_ip="",
        headers={},
    )
    return bad_row(
        reason=why.reason,
        message=why.message,
        protocol=why.protocol,
        payload=record.data,
        request=request,
        full_addresses=False,
    )
