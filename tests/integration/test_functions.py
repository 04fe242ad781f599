"""Functions as Lambda runs them, run beside the emulator: what callers get, what the log says, what a change does."""

import asyncio
import errno
import io
import json
import subprocess
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from embedded.runtime.functions.functions import Functions, NotThere, Throttled
from tests.integration.account import Account
from tests.integration.faults import kill_workers
from tests.integration.readers import functions as running
from tests.integration.waiting import until

FUNCTION = """
import os, sys, time

print("loaded")

def handler(event, context):
    print("event", event)
    match event:
        case {"sleep": seconds}:
            time.sleep(seconds)
        case {"raise": message}:
            raise LookupError(message)
        case {"exit": code}:
            os._exit(code)
        case {"print": characters}:
            print("x" * characters)
        case {"tell": "context"}:
            return [context.function_name, context.aws_request_id, context.get_remaining_time_in_millis() > 0]
        case {"tell": variable}:
            return os.environ.get(variable)
        case {"import": module}:
            return __import__(module).__file__
    return [os.getpid(), event]
"""


PLAIN = """
def handler(event, context):
    return "answer"
"""


@pytest.fixture(scope="module")
def functions(emulator: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    with running(emulator, tmp_path_factory.mktemp("functions")) as (made, _):
        yield made


@pytest.fixture(scope="module")
def function(emulator: Account) -> str:
    return emulator.function(FUNCTION, {"OWN": "variable"}, timeout_seconds=2)


def ask(functions: Functions, function: str, event: Any) -> Any:
    """What a function returns. An error that it raises fails the test."""
    answer = functions.invoke_from_thread(function, json.dumps(event).encode())
    assert answer.error is None, answer.payload
    return json.loads(answer.payload)


def refusal(functions: Functions, function: str, event: Any) -> dict[str, Any]:
    """How Lambda describes an invocation that fails."""
    answer = functions.invoke_from_thread(function, json.dumps(event).encode())
    assert answer.error == "Unhandled"
    return json.loads(answer.payload)


def log_of(function: str, wanted: str) -> list[str]:
    """The lines of a function's log, once one contains what is wanted."""
    group = f"/aws/lambda/{function.rpartition(':')[2]}"

    def lines() -> list[str]:
        events = boto3.client("logs").filter_log_events(logGroupName=group)["events"]
        return [each["message"] for each in events]

    return until(lambda: any(wanted in line for line in lines()) and lines())


def test_a_worker_is_kept_for_the_next_event(functions: Functions, function: str):
    events = [{"a": 1}, [1, "ä"], None, "text"]
    answers = [ask(functions, function, event) for event in events]
    assert [seen for _, seen in answers] == events
    assert len({pid for pid, _ in answers}) == 1


def test_a_function_has_its_own_variables_and_rights_and_nobody_elses(functions: Functions, function: str):
    assert ask(functions, function, {"tell": "OWN"}) == "variable"
    assert ask(functions, function, {"tell": "AWS_ACCESS_KEY_ID"}).startswith("ASIA")
    assert ask(functions, function, {"tell": "PYTHONPATH"}) is None
    name, identity, time_left = ask(functions, function, {"tell": "context"})
    assert (name, len(identity), time_left) == (function.rpartition(":")[2], 36, True)
    assert refusal(functions, function, {"import": "bootstrap"})["errorType"] == "ModuleNotFoundError"


def test_an_exception_is_described_and_costs_no_worker(functions: Functions, function: str):
    pid, _ = ask(functions, function, 1)
    told = refusal(functions, function, {"raise": "nothing here"})
    assert (told["errorType"], told["errorMessage"]) == ("LookupError", "nothing here")
    assert ask(functions, function, 1)[0] == pid


def test_a_function_that_takes_too_long_is_ended(functions: Functions, function: str):
    pid, _ = ask(functions, function, 1)
    told = refusal(functions, function, {"sleep": 60})
    assert told["errorType"] == "Sandbox.Timedout"
    assert told["errorMessage"].endswith("Task timed out after 2.00 seconds")
    assert ask(functions, function, 1)[0] != pid
    assert any("Task timed out" in line for line in log_of(function, "Task timed out"))


def test_a_process_that_ends_fails_its_invocation_alone(functions: Functions, function: str):
    told = refusal(functions, function, {"exit": 3})
    assert (told["errorType"], told["errorMessage"].partition("Error: ")[2]) == (
        "Runtime.ExitError",
        "Runtime exited with error: exit status 3",
    )
    pid, _ = ask(functions, function, 1)
    assert kill_workers(function) == 1  # while it has nothing to do
    until(lambda: functions.invoke_from_thread(function, b"1").error is None)
    assert ask(functions, function, 1)[0] != pid


def test_its_log_has_what_it_wrote_between_start_and_report(functions: Functions, function: str):
    ask(functions, function, "a needle")
    lines = log_of(function, "a needle")
    at = lines.index("event a needle")
    assert lines[at - 1].startswith("START RequestId: ")
    assert lines[at + 1].startswith("END RequestId: ")
    assert lines[at + 2].startswith("REPORT RequestId: ")
    assert "loaded" in lines
    assert "Init Duration: " in "".join(lines)


def test_a_chatty_function_does_not_wait_for_a_reader(functions: Functions, function: str):
    for _ in range(3):
        ask(functions, function, {"print": 1_000_000})


def test_new_code_and_new_settings_are_seen_at_once(functions: Functions, emulator: Account):
    function = emulator.function("def handler(event, context): return 'old'")
    assert ask(functions, function, None) == "old"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "import os\ndef handler(event, context): return os.environ.get('NEW', 'new')")
    boto3.client("lambda").update_function_code(FunctionName=function, ZipFile=packed.getvalue())
    until(lambda: ask(functions, function, None) == "new", seconds=2)
    boto3.client("lambda").update_function_configuration(
        FunctionName=function, Environment={"Variables": {"NEW": "newer"}}
    )
    until(lambda: ask(functions, function, None) == "newer", seconds=2)


def test_no_more_run_at_a_time_than_are_reserved(functions: Functions, function: str):
    client = boto3.client("lambda")
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=2)

    def attempt(_: int) -> str:
        try:
            ask(functions, function, {"sleep": 0.5})
        except Throttled:
            return "throttled"
        return "ran"

    def attempts() -> list[str]:
        with ThreadPoolExecutor(4) as pool:
            return sorted(pool.map(attempt, range(4)))

    until(lambda: attempts() == ["ran", "ran", "throttled", "throttled"], seconds=10)
    client.delete_function_concurrency(FunctionName=function)
    until(lambda: attempts() == ["ran"] * 4, seconds=10)


def test_each_execution_has_a_process_of_its_own(functions: Functions, emulator: Account):
    function = emulator.function(FUNCTION)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: ask(functions, function, {"sleep": 1.0}), range(3)))
    assert len({pid for pid, _ in answers}) > 1


def test_a_handler_that_can_not_be_loaded_says_why(functions: Functions, emulator: Account):
    function = emulator.function("import not_there\ndef handler(event, context): pass")
    told = refusal(functions, function, None)
    assert (told["errorType"], told["errorMessage"]) == ("ModuleNotFoundError", "No module named 'not_there'")
    assert any("not_there" in line for line in log_of(function, "ModuleNotFoundError"))


def test_a_function_that_is_gone_is_not_there(functions: Functions, emulator: Account):
    with pytest.raises(NotThere):
        ask(functions, "arn:aws:lambda:us-east-1:000000000000:function:never-was", None)
    function = emulator.function("def handler(event, context): return 1")
    assert ask(functions, function, None) == 1
    boto3.client("lambda").delete_function(FunctionName=function)
    time.sleep(0.1)
    with pytest.raises(NotThere):
        ask(functions, function, None)


def test_a_role_that_does_not_trust_lambda_runs_nothing(functions: Functions, emulator: Account):
    function = emulator.function("def handler(event, context): return 1")
    boto3.client("lambda").update_function_configuration(
        FunctionName=function, Role=emulator.role(service="firehose.amazonaws.com")
    )
    with pytest.raises(NotThere, match="does not trust"):
        ask(functions, function, None)


def test_a_machine_that_has_no_room_for_a_process_has_it_later(
    functions: Functions, emulator: Account, monkeypatch: pytest.MonkeyPatch
):
    function = emulator.function(PLAIN)
    with monkeypatch.context() as full:

        def none(*_: Any, **__: Any) -> Any:
            raise OSError(errno.EMFILE, "Too many open files")

        full.setattr(subprocess, "Popen", none)
        with pytest.raises(NotThere, match="Too many open files"):
            functions.invoke_from_thread(function, b"{}")
    assert functions.invoke_from_thread(function, b"{}").payload == b'"answer"'


def test_a_function_that_is_known_runs_while_the_emulator_does_not_tell_of_it(
    functions: Functions, emulator: Account, monkeypatch: pytest.MonkeyPatch
):
    function = emulator.function(PLAIN)
    monkeypatch.setattr("embedded.runtime.functions.functions.LOOK_SECONDS", 0.0)
    functions.invoke_from_thread(function, b"{}")
    with monkeypatch.context() as away:

        def nothing(**_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="there")

        away.setattr(functions._client, "get_function", nothing)
        assert functions.invoke_from_thread(function, b"{}").payload == b'"answer"'
        with pytest.raises(NotThere):
            functions.invoke_from_thread("never-seen", b"{}")
    boto3.client("lambda").delete_function(FunctionName=function)
    with pytest.raises(NotThere):
        functions.invoke_from_thread(function, b"{}")


def test_what_is_reserved_for_a_function_counts_whatever_it_is_called(
    functions: Functions, emulator: Account, monkeypatch: pytest.MonkeyPatch
):
    function = emulator.function(PLAIN)
    boto3.client("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    monkeypatch.setattr("embedded.runtime.functions.functions.LOOK_SECONDS", 600.0)
    names = [function, function.rpartition(":")[2]]
    for name in names:
        functions.invoke_from_thread(name, b"{}")

    async def both() -> list[Any]:
        return await asyncio.gather(*(functions.invoke(name, b"{}") for name in names), return_exceptions=True)

    answers = asyncio.run_coroutine_threadsafe(both(), functions._loop).result()
    assert sum(isinstance(each, Throttled) for each in answers) == 1
