"""Grants: privileges to roles, and roles to roles and users."""

# ruff: noqa: ARG002 - all resource types are called alike

from abc import abstractmethod
from typing import Any

from embedded.providers.contract import Known, Provider, Values
from embedded.providers.snowflake.account import Account, full

KIND = "GRANT"


class Grant(Provider):
    """A grant is what its statement says; a change is another grant."""

    updatable = False

    def __init__(self, account: Account, secret: frozenset[str]) -> None:
        self.account = account

    def create(self, name: str, inputs: Values) -> tuple[str, Values]:
        what, role = self.terms(inputs)
        self.account.say(f"GRANT {what}")
        self.account.catalogue.put(KIND, what, {**inputs, "role": role})
        return what, {}

    def delete(self, known: Known) -> None:
        if known.id in self.account.catalogue.list(KIND):
            self.account.say(f"REVOKE {' FROM '.join(known.id.rsplit(' TO ', 1))}")
            self.account.catalogue.drop(KIND, known.id)

    def find(self, name: str, inputs: Values) -> str | None:
        what, _ = self.terms(inputs)
        return what if what in self.account.catalogue.list(KIND) else None

    @abstractmethod
    def terms(self, inputs: Values) -> tuple[str, str]:
        """What follows GRANT, and the full name of the role with which the grant goes. Raises SnowflakeError where it
        names something that is not there."""


class GrantAccountRole(Grant):
    def terms(self, inputs: Values) -> tuple[str, str]:
        _only(inputs, {"roleName", "parentRoleName", "userName"})
        role = full(inputs["roleName"])
        self.account.require("ROLE", role)
        kind, to = ("USER", inputs["userName"]) if inputs.get("userName") else ("ROLE", inputs["parentRoleName"])
        self.account.require(kind, full(to))
        return f"ROLE {role} TO {kind} {full(to)}", role


class GrantPrivilegesToAccountRole(Grant):
    def terms(self, inputs: Values) -> tuple[str, str]:
        _only(inputs, {"accountRoleName", "allPrivileges", "privileges", "withGrantOption", *PLACES})
        role = full(inputs["accountRoleName"])
        self.account.require("ROLE", role)
        what = "ALL PRIVILEGES" if inputs.get("allPrivileges") else ", ".join(inputs["privileges"])
        place = next((place for place in PLACES if inputs.get(place)), None)
        if place is None:
            raise ValueError(f"a grant needs one of {', '.join(PLACES)}")
        where = PLACES[place](self.account, inputs[place])
        option = " WITH GRANT OPTION" if inputs.get("withGrantOption") else ""
        return f"{what} ON {where} TO ROLE {role}{option}", role


def _on_account(_account: Account, _on: Any) -> str:
    return "ACCOUNT"


def _on_account_object(account: Account, on: Values) -> str:
    _only(on, {"objectType", "objectName"})
    kind, name = on["objectType"].upper(), full(on["objectName"])
    account.require("STORAGE INTEGRATION" if kind == "INTEGRATION" else kind, name)
    return f"{kind} {name}"


def _on_schema(account: Account, on: Values) -> str:
    _only(on, {"schemaName", "allSchemasInDatabase", "futureSchemasInDatabase"})
    if on.get("schemaName"):
        account.require("SCHEMA", full(on["schemaName"]))
        return f"SCHEMA {full(on['schemaName'])}"
    which = "ALL" if on.get("allSchemasInDatabase") else "FUTURE"
    database = full(on.get("allSchemasInDatabase") or on["futureSchemasInDatabase"])
    account.require("DATABASE", database)
    return f"{which} SCHEMAS IN DATABASE {database}"


def _on_schema_object(account: Account, on: Values) -> str:
    _only(on, {"objectType", "objectName", "all", "future"})
    if on.get("objectName"):
        kind, name = on["objectType"].upper(), full(on["objectName"])
        account.require(kind, name)
        return f"{kind} {name}"
    many = on.get("all") or on["future"]
    _only(many, {"objectTypePlural", "inDatabase", "inSchema"})
    kind, name = ("SCHEMA", many["inSchema"]) if many.get("inSchema") else ("DATABASE", many["inDatabase"])
    account.require(kind, full(name))
    return f"{'ALL' if on.get('all') else 'FUTURE'} {many['objectTypePlural']} IN {kind} {full(name)}"


PLACES = {
    "onAccount": _on_account,
    "onAccountObject": _on_account_object,
    "onSchema": _on_schema,
    "onSchemaObject": _on_schema_object,
}


def _only(given: Values, known: set[str]) -> None:
    if rest := given.keys() - known:
        raise ValueError(f"input '{min(rest)}' fits no part of a grant here")
