"""`headrace applications`: what the real-time applications have done, on one screen or as JSON."""

import json
import time
from dataclasses import asdict

from headrace.applications import expected, sent
from headrace.applications.checking import agree, settle, show_checks
from headrace.applications.checks import Check, check
from headrace.applications.display import show
from headrace.applications.done import Done, read_done
from headrace.applications.effects import Effects, read_effects
from headrace.console import Problem
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems


def applications(stack: str, *, as_json: bool = False, checked: bool = False) -> int:
    """Prints what each application that is on has done.

    checked: waits for what is under way, and compares with a plain count of the events in the streams. Returns 1 where
    that does not agree, else 0. Raises Problem where no application is on, or the cloud does not answer.
    """
    published = outputs(stack)
    if not published.get("applications"):
        raise Problem(
            f"no application is on in stack '{stack}'",
            f"name some under headrace:applications in Pulumi.{stack}.yaml, then run `make up`",
        )
    cloud = Cloud(stack)
    if checked and not cloud.embedded:
        raise Problem("only the streams of the embedded cloud are read to the end", "leave --check out on AWS")
    checks: list[Check] = []
    events: list[sent.Event] = []

    def read() -> tuple[Done, Effects]:
        effects = read_effects(cloud.client("dynamodb"), published["effects_table"])
        return read_done(cloud, stack_folder(stack), published, effects), effects

    with aws_problems(stack):
        if checked:
            events = sent.read_events(cloud.client("kinesis"), published)
            lines = sent.loaded_lines(cloud.client("dynamodb"), published)
            wanted = expected.Sent(events=events, lines=lines, settings=published["applications"])
            checks = settle(lambda: check(wanted, *read(), time.time_ns() // 1_000_000))
        done, _ = read()
    if as_json:
        print(json.dumps({**asdict(done), "checks": [asdict(one) for one in checks]}, indent=2))
    else:
        show(stack, done)
        if checked:
            show_checks(checks, len(events))
    return 0 if agree(checks) else 1
