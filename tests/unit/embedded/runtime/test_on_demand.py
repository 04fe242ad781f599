import asyncio
import logging
import sys

import pytest

from embedded.cloud.ports import HOST, Ports, free_ports
from embedded.runtime.on_demand import OnDemand


def test_a_program_that_can_not_be_started_neither_ends_the_page_nor_the_runtimes_shutdown(
    monkeypatch: pytest.MonkeyPatch,
):
    ports, _ = free_ports(Ports(0, 0, 0, 0))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    async def run() -> str:
        told = asyncio.get_running_loop().create_future()
        handler = logging.Handler()
        handler.emit = lambda record: told.done() or told.set_result(record.getMessage())
        logger = logging.getLogger("embedded.runtime.on_demand")
        logger.addHandler(handler)
        page = OnDemand(ports.aws, ["-m", "page"], {})
        page.start()
        await asyncio.sleep(0)  # it listens
        _, writer = await asyncio.open_connection(HOST, ports.aws)
        message = await asyncio.wait_for(told, 20)
        assert page.status()["state"] == "starts when it is opened"
        await page.stop()
        writer.close()
        logger.removeHandler(handler)
        return message

    assert "can not be started" in asyncio.run(run())
