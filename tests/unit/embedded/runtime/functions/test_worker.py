"""What a worker's function writes is told once, however much it is."""

import asyncio
from pathlib import Path

import pytest

from embedded.runtime.functions import worker
from embedded.runtime.functions.definition import Function
from embedded.runtime.functions.worker import Ended, Worker

HANDLER = """
def handler(event, context):
    print("line", event)
"""
FUNCTION = Function(
    reference="talks",
    name="talks",
    arn="arn:aws:lambda:us-east-1:000000000000:function:talks",
    version="$LATEST",
    role="arn:aws:iam::000000000000:role/talks",
    handler="talking.handler",
    timeout_seconds=30,
    memory_mb=128,
    variables=(),
    traced=False,
    log_group="/aws/lambda/talks",
    code="",
    code_url="",
    reserved=None,
)


def test_a_log_that_begins_anew_holds_what_comes_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "LARGEST_LOG", 20)
    (tmp_path / "talking.py").write_text(HANDLER)

    async def told() -> list[Ended]:
        one = await Worker.start(FUNCTION, tmp_path, {})
        try:
            return [(await one.invoke(b"%d" % number))[1] for number in range(10)]
        finally:
            one.stop()

    assert [ended.lines for ended in asyncio.run(told())] == [[f"line {number}"] for number in range(10)]
