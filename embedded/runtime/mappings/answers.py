"""What a function's answer says of the batch it was given.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to.

    failed_from: from which record on the batch is to be repeated; None where all went well. error: what went wrong.
    invoked: whether the function ran; if it did not (throttled, gone), the attempt does not count as a retry.
    function_error: Lambda's word for an error that the function raised. version: that was run.
    """

    failed_from: int | None
    error: str = ""
    invoked: bool = True
    function_error: str | None = None
    version: str = "$LATEST"


def failed_from(answer: bytes, sequences: Sequence[str]) -> int | None:
    """From which record on a batch failed, by the answer of a function that reports its failures.

    No answer, {} and an empty list mean that all went well. Lambda goes back to the lowest of the named records, and
    takes an answer it does not understand, or that names a record which is not in the batch, for a whole failure.
    """
    try:
        answered = json.loads(answer or b"null")
        if answered is None:
            return None
        named = [failure["itemIdentifier"] for failure in answered.get("batchItemFailures") or []]
        if not named:
            return None
        positions = {sequence: position for position, sequence in enumerate(sequences)}
        return min(positions[each] for each in named)
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0
