"""How the collector of a stack is configured, by the file that it is deployed from."""

from typing import Any

import yaml

from collect.configuration import Configuration
from headrace.console import Problem
from headrace.home import PROJECT_FOLDER


def configuration(stack: str, write_key: str) -> tuple[Configuration, str]:
    """What the collector decides by, as far as it matters to whether a hit is good; and the write key to send with.

    write_key: empty for the first one of the stack's own. Raises Problem where the file can not be read.
    """
    collect, privacy = _section(stack, "collect"), _section(stack, "privacy")
    keys = [str(key) for key in collect.get("write_keys") or ()]
    key = write_key or (keys[0] if keys else "")
    return (
        Configuration(
            do_not_track=privacy.get("do_not_track") == "honoured",
            consent=privacy.get("consent") != "ignored",
            write_keys=frozenset({*keys, key} - {""}),
        ),
        key,
    )


def _section(stack: str, name: str) -> dict[str, Any]:
    file = PROJECT_FOLDER / f"Pulumi.{stack}.yaml"
    try:
        settings = yaml.safe_load(file.read_text()) or {}
        found = settings.get("config", {}).get(f"headrace:{name}") or {}
    except FileNotFoundError:
        return {}  # deployed from elsewhere: the defaults, and --write-key
    except (yaml.YAMLError, AttributeError, OSError) as error:
        raise Problem(f"{file} can not be read ({error})", "mend it: the stack is configured there") from error
    return found if isinstance(found, dict) else {}
