"""What the deployed collector decides by: its function's environment, which is true whatever files say by now."""

from collections.abc import Mapping
from typing import Any

from headrace.console import Problem


def variables(functions: Any, published: Mapping[str, Any]) -> dict[str, str]:
    """functions: a client of Lambda. Raises Problem where the stack is older than this, and botocore's errors."""
    if "collect_function" not in published:
        raise Problem("the stack does not say which function collects", "run `make up`, which publishes it")
    answer = functions.get_function_configuration(FunctionName=published["collect_function"])
    return answer.get("Environment", {}).get("Variables", {})
