"""A role is assumed only where it trusts the service."""

import json

import pytest

from embedded.runtime.roles import trusts

FIREHOSE = "firehose.amazonaws.com"
CONTEXT = {"sts:externalid": "000000000000", "aws:sourceaccount": "000000000000", "aws:sourcearn": "arn:aws:firehose:x"}


def statement(**changes):
    return {"Effect": "Allow", "Principal": {"Service": FIREHOSE}, "Action": "sts:AssumeRole", **changes}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    "trusting",
    [
        document(statement()),
        json.dumps(document(statement())),
        document(statement(Principal={"Service": ["lambda.amazonaws.com", FIREHOSE]})),
        document(statement(Action=["sts:AssumeRole", "sts:TagSession"])),
        document(statement(Condition={"StringEquals": {"sts:ExternalId": "000000000000"}})),
        document(statement(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:firehose:*"}})),
        {"Version": "2012-10-17", "Statement": statement()},
    ],
)
def test_a_role_that_names_the_service_trusts_it(trusting):
    assert trusts(trusting, FIREHOSE, CONTEXT)


@pytest.mark.parametrize(
    "other",
    [
        document(),
        document(statement(Principal={"Service": "lambda.amazonaws.com"})),
        document(statement(Principal={"AWS": "arn:aws:iam::000000000000:root"})),
        document(statement(Action="sts:TagSession")),
        document(statement(Condition={"StringEquals": {"aws:SourceAccount": "111111111111"}})),
        document(statement(Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01"}})),
        document(statement(), statement(Effect="Deny")),
    ],
)
def test_a_role_that_names_another_or_denies_does_not(other):
    assert not trusts(other, FIREHOSE, CONTEXT)
