"""The API's access log: one line a request in the stage's own format.

Variables: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>. One that is
not known here becomes `-`, as API Gateway writes what does not apply.
"""

import re
from typing import Any

VARIABLE = re.compile(r"\$context\.([A-Za-z.]+)")


def formatted(form: str, values: dict[str, Any]) -> str:
    """`form` with its `$context.` variables replaced."""
    return VARIABLE.sub(lambda found: str(values.get(found.group(1), "-")), form)
