"""`headrace applications`: what the real-time applications have done, on one screen or as JSON."""

import json
from dataclasses import asdict

from headrace.applications.display import show
from headrace.applications.done import read_done
from headrace.applications.effects import read_effects
from headrace.console import Problem
from headrace.home import outputs, stack_folder
from headrace.hops.cloud import Cloud, aws_problems


def applications(stack: str, *, as_json: bool = False) -> None:
    """Prints what each application that is on has done. Raises Problem where none is, or the cloud does not answer."""
    published = outputs(stack)
    if not published.get("applications"):
        raise Problem(
            f"no application is on in stack '{stack}'",
            f"name some under headrace:applications in Pulumi.{stack}.yaml, then run `make up`",
        )
    with aws_problems(stack):
        cloud = Cloud(stack)
        effects = read_effects(cloud.client("dynamodb"), published["effects_table"])
        done = read_done(cloud, stack_folder(stack), published, effects)
    if as_json:
        print(json.dumps(asdict(done), indent=2))
    else:
        show(stack, done)
