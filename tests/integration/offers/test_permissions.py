"""What the embedded cloud lets a role do that may send as one address."""

import boto3
import pytest

from infrastructure.applications.offers import all_identities, may_send
from tests.integration.account import Account

SEND = """
import boto3

def handler(event, context):
    print("sending")
    body = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
    boto3.client("sesv2").send_email(
        FromEmailAddress=event["as"], Destination={"ToAddresses": ["to@example.org"]}, Content={"Simple": body}
    )
"""


@pytest.mark.parametrize(("sender", "allowed"), [("offers@example.org", True), ("ceo@example.org", False)])
def test_a_role_that_may_send_as_one_address_sends_as_no_other(emulator: Account, sender: str, allowed: bool):
    for address in ("offers@example.org", "ceo@example.org"):
        boto3.client("sesv2").create_email_identity(EmailIdentity=address)
    arn = f"arn:aws:ses:{emulator.region}:000000000000:identity/offers@example.org"
    statements = [allow.statement() for allow in may_send("offers@example.org", arn, all_identities(arn))]
    function = emulator.function(SEND, statements=statements)
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=f'{{"as": "{sender}"}}')
    assert ("FunctionError" not in answer) == allowed
