"""A function as the emulator describes it."""

from embedded.runtime.functions.definition import Function

FUNCTION = Function(
    reference="collect",
    name="collect",
    arn="arn:aws:lambda:us-east-1:000000000000:function:collect",
    version="$LATEST",
    role="arn:aws:iam::000000000000:role/collect",
    handler="collect.handler",
    timeout_seconds=3,
    memory_mb=128,
    variables=(),
    traced=False,
    log_group="/aws/lambda/collect",
    code="",
    code_url="",
    reserved=None,
)
