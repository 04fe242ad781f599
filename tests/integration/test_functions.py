"""Functions that are run beside the emulator: what this machine or the emulator can not do for a moment passes."""

import asyncio
import errno
import subprocess
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from embedded.runtime.functions.functions import Functions, NotThere, Throttled
from tests.integration.account import Account
from tests.integration.readers import functions

FUNCTION = """
def handler(event, context):
    return "answer"
"""


@pytest.fixture(scope="module")
def running(emulator: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    with functions(emulator, tmp_path_factory.mktemp("functions")) as (made, _):
        yield made


def test_a_machine_that_has_no_room_for_a_process_has_it_later(
    running: Functions, emulator: Account, monkeypatch: pytest.MonkeyPatch
):
    function = emulator.function(FUNCTION)
    with monkeypatch.context() as full:

        def none(*_: Any, **__: Any) -> Any:
            raise OSError(errno.EMFILE, "Too many open files")

        full.setattr(subprocess, "Popen", none)
        with pytest.raises(NotThere, match="Too many open files"):
            running.invoke_from_thread(function, b"{}")
    assert running.invoke_from_thread(function, b"{}").payload == b'"answer"'


def test_a_function_that_is_known_runs_while_the_emulator_does_not_tell_of_it(
    running: Functions, emulator: Account, monkeypatch: pytest.MonkeyPatch
):
    function = emulator.function(FUNCTION)
    monkeypatch.setattr("embedded.runtime.functions.functions.LOOK_SECONDS", 0.0)
    running.invoke_from_thread(function, b"{}")
    with monkeypatch.context() as away:

        def nothing(**_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="there")

        away.setattr(running._client, "get_function", nothing)
        assert running.invoke_from_thread(function, b"{}").payload == b'"answer"'
        with pytest.raises(NotThere):
            running.invoke_from_thread("never-seen", b"{}")
    boto3.client("lambda").delete_function(FunctionName=function)
    with pytest.raises(NotThere):
        running.invoke_from_thread(function, b"{}")


def test_what_is_reserved_for_a_function_counts_whatever_it_is_called(
    running: Functions, emulator: Account, monkeypatch: pytest.MonkeyPatch
):
    function = emulator.function(FUNCTION)
    boto3.client("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    monkeypatch.setattr("embedded.runtime.functions.functions.LOOK_SECONDS", 600.0)
    names = [function, function.rpartition(":")[2]]
    for name in names:
        running.invoke_from_thread(name, b"{}")

    async def both() -> list[Any]:
        return await asyncio.gather(*(running.invoke(name, b"{}") for name in names), return_exceptions=True)

    answers = asyncio.run_coroutine_threadsafe(both(), running._loop).result()
    assert sum(isinstance(each, Throttled) for each in answers) == 1
