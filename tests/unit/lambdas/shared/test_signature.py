"""Our signatures, held to the SDK's."""

import time
from datetime import UTC, datetime

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from shared.signature import Signer

HEADERS = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "Kinesis_20131202.PutRecords"}
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


def by_the_sdk(url: str, region: str, body: bytes, credentials: ReadOnlyCredentials, at: float) -> dict[str, str]:
    request = AWSRequest("POST", url, dict(HEADERS), body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(auth, "get_current_datetime", lambda: datetime.fromtimestamp(at, UTC))
        auth.SigV4Auth(credentials, "kinesis", region).add_auth(request)
    return {name.lower(): str(value) for name, value in request.headers.items()}


@given(
    host=st.sampled_from(["kinesis.eu-west-1.amazonaws.com", "127.0.0.1:4566", "kinesis.cn-north-1.amazonaws.com.cn"]),
    region=st.sampled_from(["eu-west-1", "cn-north-1"]),
    body=st.binary(max_size=200),
    credentials=st.builds(ReadOnlyCredentials, KEYS, KEYS, st.none() | KEYS),
    at=st.integers(0, 4_000_000_000),
)
def test_it_signs_as_the_sdk_does(host: str, region: str, body: bytes, credentials: ReadOnlyCredentials, at: int):
    signer = Signer("kinesis", region, {**HEADERS, "host": host})
    theirs = by_the_sdk(f"https://{host}/", region, body, credentials, at)
    assert signer.signed(body, credentials, at) == {**theirs, "host": host}


def test_it_signs_for_now():
    before = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    signed = Signer("kinesis", "eu-west-1", {**HEADERS, "host": "h"}).signed(b"", ReadOnlyCredentials("a", "b", None))
    assert before <= signed["x-amz-date"] <= time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def test_new_credentials_have_keys_of_their_own():
    signer = Signer("kinesis", "eu-west-1", {**HEADERS, "host": "h"})
    first, second, again = (
        signer.signed(b"", ReadOnlyCredentials("a", secret, None), 0) for secret in ("one", "two", "one")
    )
    assert first["authorization"] != second["authorization"]
    assert first == again
