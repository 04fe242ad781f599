import json

import pytest

from embedded.providers.s3_settings import reachable_without_tls

TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "*"},
    ],
}


@pytest.fixture
def policy() -> str:
    return json.dumps(TLS_ONLY)


def test_a_demand_for_tls_spares_this_machine_where_the_cloud_speaks_none(policy, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    tls, other = json.loads(reachable_without_tls(policy))["Statement"]
    assert tls["Condition"] == {
        "Bool": {"aws:SecureTransport": "false"},
        "NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"},
    }
    assert other == TLS_ONLY["Statement"][1]


def test_elsewhere_a_policy_is_put_as_it_is(policy, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert reachable_without_tls(policy) == policy
