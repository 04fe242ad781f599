"""Names for resources that the program gives none."""

import hashlib
import re

from embedded.engine.settings import Project
from headrace.console import Problem

PLACE = re.compile(r"\$\{(?:(project|stack|name)|hex\((\d+)\))\}")


def automatic_name(project: Project, urn: str, generation: int) -> str:
    """By the project's pattern. Where Pulumi puts random digits, these come from the URN and from how often the
    resource was replaced: an interrupted run finds what it made, and a replacement can stand beside the old one."""
    digits = hashlib.sha256(f"{urn} {generation}".encode()).hexdigest()
    known = {"project": project.name, "stack": project.stack, "name": urn.rpartition("::")[2]}
    name = PLACE.sub(lambda place: known[place[1]] if place[1] else digits[: int(place[2])], project.naming)
    if "${" in name:
        raise Problem(
            f"the pattern of automatic names, {project.naming}, has a part that is not known",
            "use ${project}, ${stack}, ${name} and ${hex(7)}",
        )
    return name
