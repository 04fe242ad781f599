import pytest

from infrastructure.components.policies import Allow


def test_a_wildcard_action_is_refused():
    with pytest.raises(ValueError, match=r"s3:\* is a wildcard"):
        Allow(actions=["s3:*"], resources=["arn:aws:s3:::lake"])


def test_every_resource_is_refused_where_one_could_be_named():
    with pytest.raises(ValueError, match="name the resources"):
        Allow(actions=["s3:GetObject"], resources=["*"])


def test_actions_without_resources_may_take_all():
    statement = Allow(actions=["xray:PutTraceSegments"], resources=["*"]).statement()
    assert statement == {"Effect": "Allow", "Action": ["xray:PutTraceSegments"], "Resource": ["*"]}


def test_conditions_are_kept():
    conditions = {"StringLike": {"s3:prefix": "raw/*"}}
    assert (
        Allow(actions=["s3:ListBucket"], resources=["arn"], conditions=conditions).statement()["Condition"]
        == conditions
    )
