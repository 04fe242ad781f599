"""Invokes functions: finds out what they are, keeps their workers, writes their logs.

A function is looked up again when the emulator says that it changed, and every few seconds in case that was not heard.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import time
from http.client import HTTPException
from pathlib import Path
from zipfile import BadZipFile

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from embedded.runtime.functions.code import unpacked
from embedded.runtime.functions.definition import Function, function
from embedded.runtime.functions.pool import NotThere, Pool
from embedded.runtime.functions.worker import Answer, Ended, NotLoaded, Worker
from embedded.runtime.logs import Logs
from embedded.runtime.roles import CONFIG, NotTrusted, Roles
from embedded.runtime.wake import News, Wake

PRINCIPAL = "lambda.amazonaws.com"
LOOK_SECONDS = 5.0
IDLE_SECONDS = 60.0  # between looks for workers that nobody needs
# Executions of all functions at a time, 1,000 in an account of AWS's: each is a process of about 40 MB.
AT_ONCE = 64
# Of this process's environment a function gets what leads it to the embedded cloud, and what any program has.
INHERITED = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION")
FOREIGN = ("AWS_", "HEADRACE_", "PYTHON")

# A function may run for 900 s. No repetition here: whether a call that broke off had run the function is not known.
PATIENT = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=910, max_pool_connections=128)

log = logging.getLogger(__name__)


class Throttled(Exception):
    """As many executions as there may be are under way."""


class Functions:
    """The account's functions. `folder`: for their code. To be used from the event loop in which it is made, but for
    `invoke_from_thread`, which is for all other threads, and `role`, which is for any."""

    def __init__(self, folder: Path, wake: Wake, logs: Logs) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._folder, self._wake, self._logs = folder, wake, logs
        self._client = boto3.client("lambda", config=CONFIG)
        self._patient = boto3.client("lambda", config=PATIENT)
        self._log_client = boto3.client("logs", config=CONFIG)
        self._roles = Roles(PRINCIPAL)
        self._loop = asyncio.get_running_loop()
        self._known: dict[str, _Known] = {}
        self._housekeeping = self._loop.create_task(self._keep_house())

    async def invoke(self, reference: str, event: bytes) -> Answer:
        """Runs a function once and waits for its answer. Raises Throttled and NotThere."""
        known = self._known.get(reference)
        if known is None:
            known = self._known[reference] = _Known(Pool(self._start), self._wake.news("lambda", _name(reference)))
        found = await self._current(reference, known)
        if found is None:
            return await asyncio.to_thread(self._invoke_there, reference, event)
        if self._at_work() >= AT_ONCE:
            raise Throttled(f"TooManyRequestsException: no more than {AT_ONCE} functions run at once")
        if found.reserved is not None and self._at_work(found.name) >= found.reserved:
            raise Throttled(f"TooManyRequestsException: {found.name} may run {found.reserved} times at once")
        try:
            worker = await known.pool.take(found)
        except NotLoaded as error:
            self._logs.add(found.log_group, error.stream, [*error.lines, str(error)])
            return Answer(error.payload, found.version, "Unhandled")
        try:
            answer, ended = await worker.invoke(event)
        finally:
            known.pool.give_back(worker)
        self._logs.add(found.log_group, worker.stream, _report(found, ended))
        return answer

    def invoke_from_thread(self, reference: str, event: bytes) -> Answer:
        """The same for other threads; blocks."""
        return asyncio.run_coroutine_threadsafe(self.invoke(reference, event), self._loop).result()

    def role(self, reference: str) -> str:
        """The ARN of a function's role. Raises botocore's errors."""
        return self._client.get_function_configuration(FunctionName=reference)["Role"]

    async def stop(self) -> None:
        """Ends all workers that have nothing to do; the others end with this process."""
        self._housekeeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._housekeeping
        for known in self._known.values():
            known.pool.stop()

    def _at_work(self, name: str | None = None) -> int:
        """Executions under way: of all functions, or of one, by whatever name, ARN or alias it was asked for."""
        known = self._known.values()
        return sum(
            each.pool.at_work for each in known if name is None or (each.function and each.function.name == name)
        )

    async def _current(self, reference: str, known: "_Known") -> Function | None:
        """The function as it is; None for one that the emulator has to run."""
        if known.fresh:
            return known.function
        async with known.looking:
            if not known.fresh:
                count = known.news.count
                known.function = await asyncio.to_thread(self._look_up, reference, known)
                known.looked, known.count = time.monotonic(), count
        return known.function

    def _look_up(self, reference: str, known: "_Known") -> Function | None:
        """As it is, or was when the emulator could last be asked. Raises NotThere."""
        try:
            return function(reference, self._client.get_function(FunctionName=reference))
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, self._client.exceptions.ResourceNotFoundException):
                known.looked = float("-inf")
            if not known.ever:
                raise NotThere(str(error)) from error
            log.warning("%s is taken for what it was: %s", reference, error)
            return known.function

    async def _start(self, function: Function) -> Worker:
        """A new worker. Raises NotLoaded and NotThere."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        led = {name: value for name, value in os.environ.items() if name.startswith(INHERITED)}
        try:
            code, credentials = await asyncio.to_thread(self._prepare, function)
            return await Worker.start(function, code, {**inherited, **led, **dict(function.variables), **credentials})
        except (NotTrusted, ClientError, BotoCoreError, HTTPException, OSError, BadZipFile) as error:
            raise NotThere(f"{function.name} can not be started: {error!r}") from error

    def _prepare(self, function: Function) -> tuple[Path, dict[str, str]]:
        given = self._roles.credentials(function.role, function.arn).get_frozen_credentials()
        code = unpacked(function, self._folder)
        if function.log_group == f"/aws/lambda/{function.name}":  # Lambda makes this one, and no other
            with contextlib.suppress(self._log_client.exceptions.ResourceAlreadyExistsException):
                self._log_client.create_log_group(logGroupName=function.log_group)
        return code, {
            "AWS_ACCESS_KEY_ID": given.access_key,
            "AWS_SECRET_ACCESS_KEY": given.secret_key,
            "AWS_SESSION_TOKEN": given.token,
        }

    def _invoke_there(self, reference: str, event: bytes) -> Answer:
        """Has the emulator run what can not be run here: other languages, images, layers."""
        try:
            answer = self._patient.invoke(FunctionName=reference, Payload=event)
            payload: bytes = answer["Payload"].read()
        except (ClientError, BotoCoreError) as error:
            raise NotThere(str(error)) from error
        return Answer(payload, answer.get("ExecutedVersion", "$LATEST"), answer.get("FunctionError"))

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            for reference, known in list(self._known.items()):
                known.pool.end_idle()
                try:
                    await self._current(reference, known)
                except NotThere:  # deleted: its workers are of no use
                    known.pool.stop()


class _Known:
    """What is known of a function, and its workers. looked, count: when, by the clock and by the news of it."""

    def __init__(self, pool: Pool, news: News) -> None:
        self.pool, self.news = pool, news
        self.function: Function | None = None
        self.looked, self.count = float("-inf"), 0
        self.looking = asyncio.Lock()

    @property
    def ever(self) -> bool:
        """Whether it was there when it could last be looked up."""
        return self.looked > float("-inf")

    @property
    def fresh(self) -> bool:
        return time.monotonic() - self.looked < LOOK_SECONDS and self.count == self.news.count


def _name(reference: str) -> str:
    """A function's name, of its ARN or itself."""
    return reference.split(":")[6] if reference.startswith("arn:") else reference


def _report(function: Function, ended: Ended) -> list[str]:
    """An invocation's lines as Lambda writes them."""
    duration = ended.seconds * 1000
    report = [
        f"REPORT RequestId: {ended.request_id}",
        f"Duration: {duration:.2f} ms",
        f"Billed Duration: {int(duration) + 1} ms",
        f"Memory Size: {function.memory_mb} MB",
        f"Max Memory Used: {ended.memory_mb} MB",
    ]
    if ended.loaded_seconds is not None:
        report.append(f"Init Duration: {ended.loaded_seconds * 1000:.2f} ms")
    return [
        *ended.loading,
        f"START RequestId: {ended.request_id} Version: {function.version}",
        *ended.lines,
        f"END RequestId: {ended.request_id}",
        "\t".join(report),
    ]
