"""The embedded account as a deployment sees it: its objects, and the statements a real account would be told."""

import json
import re
import threading
from pathlib import Path
from typing import Any

from embedded.providers.cloud import Cloud
from embedded.providers.contract import Values
from embedded.snowflake.catalogue import Catalogue, quoted

SYSTEM_ROLES = ("ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN")
PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
STATEMENTS_FILE = "statements.sql"
HIDDEN = "'***'"


class SnowflakeError(Exception):
    """What Snowflake would refuse, in its words."""


class Account:
    """The account that HEADRACE_SNOWFLAKE_CATALOGUE names. `config` is the provider's; `cloud` is where the account
    keeps its own AWS resources."""

    _writing = threading.Lock()

    def __init__(self, catalogue: Catalogue, cloud: Cloud, config: Values) -> None:
        self.catalogue, self.cloud, self.config = catalogue, cloud, config

    @property
    def folder(self) -> Path:
        """Where rows lie: `<DATABASE>/<SCHEMA>/<TABLE>/*.parquet`."""
        return self.catalogue.path.parent

    def say(self, statement: str) -> None:
        """Notes a statement that a real account would be told."""
        with self._writing:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / STATEMENTS_FILE).open("a") as file:
                file.write(f"{statement};\n")

    def exists(self, kind: str, name: str) -> bool:
        return name in self.catalogue.list(kind) or (kind == "ROLE" and parts(name)[-1] in SYSTEM_ROLES)

    def require(self, kind: str, name: str) -> None:
        """Raises SnowflakeError where there is no such object."""
        if not self.exists(kind, name):
            shown = name.replace('"', "")
            raise SnowflakeError(
                f"SQL compilation error: {kind.capitalize()} '{shown}' does not exist or not authorized"
            )

    def require_preview_feature(self, feature: str) -> None:
        """Some resource types must be asked for in the provider's configuration. Where that lists none, nothing has
        been said about a real account, and the embedded one has them all."""
        listed = self.config.get("previewFeaturesEnabled")
        features = json.loads(listed) if isinstance(listed, str) else listed
        if features is not None and feature not in features:
            raise SnowflakeError(
                f"{feature} is currently a preview feature, and must be enabled by adding {feature} to "
                "`snowflake:previewFeaturesEnabled` in the stack's configuration"
            )


def parts(name: str) -> list[str]:
    """The parts of a name, quoted or bare: `"DB"."RAW"` and `DB.RAW` are DB and RAW. Case is kept, as the Snowflake
    provider keeps it: it quotes whatever it is given."""
    return [(part.replace('""', '"') or bare) for part, bare in PART.findall(name)]


def full(name: str) -> str:
    """A name as the catalogue has it, however it was written."""
    return quoted(*parts(name))


def literal(value: Any) -> str:
    """A value as SQL: text in single quotes, a list in brackets."""
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return str(value)
        case list():
            return "(" + ", ".join(literal(item) for item in value) + ")"
    text = str(value)
    return text.upper() if text in ("true", "false") else "'" + text.replace("'", "''") + "'"
