"""The keys Firehose gives its objects.

<https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>,
<https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html>
"""

import random
import re
import string
from datetime import UTC, datetime

EXPRESSION = re.compile(r"!\{([^}:]*):?([^}]*)\}")
PATTERN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
# Letters of Java's DateTimeFormatter, as far as dates need them.
LETTERS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "DDD": "%j"}
ERROR_TYPE = "firehose:error-output-type"


class UnknownExpression(ValueError):
    """A prefix holds an expression that Firehose does not have in that place."""


def object_key(prefix: str, stream: str, version: int, arrived: datetime, identity: str, extension: str) -> str:
    """The key of an object whose oldest record arrived at `arrived` (UTC)."""
    name = f"{stream}-{version}-{arrived:%Y-%m-%d-%H-%M-%S}-{identity}{extension}"
    return evaluated(prefix, arrived, identity) + name


def evaluated(prefix: str, moment: datetime, identity: str, error_type: str | None = None) -> str:
    """A prefix with its expressions replaced. One without a timestamp expression gets `YYYY/MM/dd/HH/` after it.

    `identity` seeds the random strings, so that an object delivered again gets the same key. Raises UnknownExpression.
    """
    choice = random.Random(identity)  # noqa: S311 - a name, not a secret

    def replaced(found: re.Match[str]) -> str:
        namespace, argument = found.groups()
        if namespace == "timestamp" and argument:
            return _formatted(moment, argument)
        if (namespace, argument) == ("firehose", "random-string"):
            return "".join(choice.choices(string.ascii_letters + string.digits, k=11))
        if f"{namespace}:{argument}" == ERROR_TYPE and error_type is not None:
            return error_type
        raise UnknownExpression(f"{found.group()} is not supported in this prefix")

    text = EXPRESSION.sub(replaced, prefix)
    return text if "!{" in prefix else f"{text}{moment:%Y/%m/%d/%H/}"


def checked(prefix: str, error_prefix: str) -> None:
    """Raises UnknownExpression where Firehose would refuse a pair of prefixes."""
    now = datetime.now(UTC)
    evaluated(prefix, now, "")
    if error_prefix:
        evaluated(error_prefix, now, "", error_type="processing-failed")
        if "!{" in error_prefix and ERROR_TYPE not in error_prefix:
            raise UnknownExpression(f"ErrorOutputPrefix with expressions must contain !{{{ERROR_TYPE}}}")
    elif "!{" in prefix:
        raise UnknownExpression("ErrorOutputPrefix must be given when Prefix contains expressions")


def _formatted(moment: datetime, pattern: str) -> str:
    def part(found: re.Match[str]) -> str:
        quoted, letter = found.group(1), found.group(2)
        if quoted is not None:
            return quoted.replace("''", "'") or "'"
        if letter is None:
            return found.group()
        if found.group() not in LETTERS:
            raise UnknownExpression(f"!{{timestamp:{pattern}}} holds {found.group()}, which is not supported")
        return moment.strftime(LETTERS[found.group()])

    return PATTERN.sub(part, pattern)
