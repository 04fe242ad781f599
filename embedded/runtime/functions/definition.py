"""A function as Lambda's API describes it.

https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Function:
    """What a function's processes are made of; two that are equal may share them.

    reference: how it was asked for, a name or an ARN. code: the archive's SHA-256, as the API has it. code_url: where
    the archive is for the next minutes. reserved: executions at a time; None where it has no limit of its own.
    """

    reference: str
    name: str
    arn: str
    version: str
    role: str
    handler: str
    timeout_seconds: int
    memory_mb: int
    variables: tuple[tuple[str, str], ...]
    traced: bool
    log_group: str
    code: str
    code_url: str = field(compare=False)
    reserved: int | None = field(compare=False)


def function(reference: str, found: Mapping[str, Any]) -> Function | None:
    """The function that GetFunction describes; None for one that no Python on this machine can run by itself."""
    configuration = found["Configuration"]
    if not configuration.get("Runtime", "").startswith("python") or configuration.get("Layers"):
        return None
    variables = configuration.get("Environment", {}).get("Variables", {})
    return Function(
        reference=reference,
        name=configuration["FunctionName"],
        arn=configuration["FunctionArn"],
        version=configuration["Version"],
        role=configuration["Role"],
        handler=configuration["Handler"],
        timeout_seconds=configuration["Timeout"],
        memory_mb=configuration["MemorySize"],
        variables=tuple(sorted(variables.items())),
        traced=configuration.get("TracingConfig", {}).get("Mode") == "Active",
        log_group=configuration.get("LoggingConfig", {}).get("LogGroup")
        or f"/aws/lambda/{configuration['FunctionName']}",
        code=configuration["CodeSha256"],
        code_url=found["Code"].get("Location", ""),
        reserved=found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
    )
