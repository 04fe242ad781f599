"""An embedded Snowflake account in a folder, and its objects made by their types' names."""

from pathlib import Path
from typing import Any

import pytest

from embedded.providers.cloud import Clients, Cloud
from embedded.providers.contract import Known
from embedded.providers.registry import SNOWFLAKE
from embedded.providers.snowflake.account import Account
from embedded.snowflake.catalogue import Catalogue

TYPES = {token.partition(":")[2]: provider for token, provider in SNOWFLAKE.items()}


class Warehouse:
    """Makes, changes and drops objects of the account as a deployment would."""

    def __init__(self, folder: Path, config: dict[str, Any] | None = None) -> None:
        self.catalogue = Catalogue(folder / "catalogue.json")
        self.config = config or {}
        self.folder = folder

    def create(self, type: str, secret: frozenset[str] = frozenset(), **inputs: Any) -> Known:
        id, outputs = self._provider(type, secret).create("unnamed", inputs)
        return Known(id, inputs, outputs)

    def update(self, type: str, known: Known, **inputs: Any) -> Known:
        return Known(known.id, inputs, self._provider(type, frozenset()).update(known, inputs))

    def delete(self, type: str, known: Known) -> None:
        self._provider(type, frozenset()).delete(known)

    @property
    def statements(self) -> list[str]:
        return (self.folder / "statements.sql").read_text().removesuffix(";\n").split(";\n")

    def _provider(self, type: str, secret: frozenset[str]) -> Any:
        account = Account(self.catalogue, Cloud(Clients(), {"region": "us-east-1"}), self.config)
        return TYPES[type](account, secret)


@pytest.fixture
def account(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


@pytest.fixture
def raw(account: Warehouse) -> Warehouse:
    """An account with a database LAKE and a schema RAW in it."""
    account.create("Database", name="LAKE")
    account.create("Schema", database="LAKE", name="RAW")
    return account
