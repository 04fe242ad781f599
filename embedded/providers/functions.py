"""The provider functions a program calls: who and where it is, and policy documents."""

import hashlib
import json
from typing import Any

from embedded.providers.cloud import Cloud
from embedded.providers.contract import Values

STATEMENT_LISTS = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
STATEMENT_PRINCIPALS = {"principals": "Principal", "notPrincipals": "NotPrincipal"}
STATEMENT_KEYS = {"sid", "effect", "conditions", *STATEMENT_LISTS, *STATEMENT_PRINCIPALS}
DOCUMENT_KEYS = {"version", "policyId", "statements", "sourcePolicyDocuments", "overridePolicyDocuments"}


def get_caller_identity(cloud: Cloud, _arguments: Values) -> Values:
    found = cloud.client("sts").get_caller_identity()
    return {
        "id": found["Account"],
        "accountId": found["Account"],
        "arn": found["Arn"],
        "userId": found["UserId"],
    }


def get_region(cloud: Cloud, arguments: Values) -> Values:
    region = arguments.get("region") or arguments.get("name") or cloud.region
    return {"id": region, "name": region, "region": region, "description": region, "endpoint": ""}


def get_partition(cloud: Cloud, _arguments: Values) -> Values:
    return {
        "id": cloud.partition,
        "partition": cloud.partition,
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def get_policy_document(_cloud: Cloud, arguments: Values) -> Values:
    """As Terraform's: one value stands alone, several in a list; a later statement of one Sid takes the place of an
    earlier one where it comes from `overridePolicyDocuments`."""
    _refuse_unknown(arguments, DOCUMENT_KEYS, "a policy document")
    statements = [
        statement for document in arguments.get("sourcePolicyDocuments") or [] for statement in _statements_of(document)
    ]
    statements += [_statement(each) for each in arguments.get("statements") or []]
    for overriding in arguments.get("overridePolicyDocuments") or []:
        for statement in _statements_of(overriding):
            statements = [
                each for each in statements if not statement.get("Sid") or each.get("Sid") != statement["Sid"]
            ]
            statements.append(statement)
    document: dict[str, Any] = {"Version": arguments.get("version") or "2012-10-17"}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    document["Statement"] = statements
    digest = hashlib.sha256(json.dumps(document).encode()).hexdigest()
    return {
        "id": str(int(digest[:8], 16)),
        "json": json.dumps(document, indent=2),
        "minifiedJson": json.dumps(document, separators=(",", ":")),
    }


FUNCTIONS = {
    "aws:index/getCallerIdentity:getCallerIdentity": get_caller_identity,
    "aws:index/getRegion:getRegion": get_region,
    "aws:index/getPartition:getPartition": get_partition,
    "aws:iam/getPolicyDocument:getPolicyDocument": get_policy_document,
}


def _statement(given: Values) -> dict[str, Any]:
    _refuse_unknown(given, STATEMENT_KEYS, "a policy statement")
    statement: dict[str, Any] = {"Sid": given["sid"]} if given.get("sid") else {}
    statement["Effect"] = given.get("effect") or "Allow"
    for key, member in STATEMENT_PRINCIPALS.items():
        if given.get(key):
            statement[member] = _principals(given[key])
    for key, member in STATEMENT_LISTS.items():
        if given.get(key):
            statement[member] = _alone(sorted(given[key]))
    for condition in given.get("conditions") or []:
        tests = statement.setdefault("Condition", {}).setdefault(condition["test"], {})
        tests[condition["variable"]] = _alone(condition["values"])
    return statement


def _principals(principals: list[Values]) -> str | dict[str, Any]:
    if any(each["type"] == "*" for each in principals):
        return "*"
    found: dict[str, list[str]] = {}
    for each in principals:
        found.setdefault(each["type"], []).extend(each["identifiers"])
    return {kind: _alone(sorted(names)) for kind, names in found.items()}


def _statements_of(document: str) -> list[dict[str, Any]]:
    statements = json.loads(document)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _alone(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _refuse_unknown(given: Values, known: set[str], what: str) -> None:
    if rest := given.keys() - known:
        raise ValueError(f"input '{min(rest)}' is not part of {what}")
