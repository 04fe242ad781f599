"""What a worker's function writes is told once, however much it is."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.runtime.functions import worker
from embedded.runtime.functions.worker import Ended, Worker
from tests.unit.embedded.runtime.functions.described import FUNCTION

HANDLER = """
def handler(event, context):
    print("line", event)
"""
TALKING = replace(FUNCTION, handler="talking.handler")


def test_a_log_that_begins_anew_holds_what_comes_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "LARGEST_LOG", 20)
    (tmp_path / "talking.py").write_text(HANDLER)

    async def told() -> list[Ended]:
        one = await Worker.start(TALKING, tmp_path, {})
        try:
            return [(await one.invoke(b"%d" % number))[1] for number in range(10)]
        finally:
            one.stop()

    assert [ended.lines for ended in asyncio.run(told())] == [[f"line {number}"] for number in range(10)]
