"""A secret is in the cloud, where it is needed, and nowhere else in clear."""

import stat

import pytest

from headrace.console import Problem

SECRET = "correct horse battery staple"
PROGRAM = f"""
first = Thing("first", name="a", password=Output.secret("{SECRET}"), nested={{"deep": [Output.secret("{SECRET}")]}})
pulumi.export("password", first.password)
pulumi.export("name", first.name)
"""


def test_a_secret_reaches_the_cloud_and_is_shown_nowhere(stack):
    outcome = stack.up(PROGRAM)
    assert stack.cloud.things["a"]["password"] == SECRET
    assert outcome.outputs == {"password": "[secret]", "name": "a"}
    assert all(SECRET not in path.read_text() for path in stack.state.parent.iterdir())
    assert SECRET not in str(stack.heard)


def test_state_and_key_are_the_owners_alone(stack):
    stack.up(PROGRAM)
    assert {stat.S_IMODE(path.stat().st_mode) for path in stack.state.parent.iterdir()} == {0o600}
    assert sorted(path.name for path in stack.state.parent.iterdir()) == ["state.json", "state.key"]


def test_an_unchanged_secret_is_no_change_and_a_changed_one_is(stack):
    stack.up(PROGRAM)
    assert stack.up().counts == {"same": 1}
    outcome = stack.up(PROGRAM.replace("horse", "cow"))
    assert outcome.counts == {"update": 1}
    assert stack.heard.steps == ["update first [nested, password]"]


def test_a_secret_setting_is_a_secret_output(stack):
    stack.configure(f"  shop:token: {SECRET}\n")
    assert stack.up('pulumi.export("token", pulumi.Config().require_secret("token"))').outputs == {"token": "[secret]"}
    assert SECRET not in stack.state.read_text()


def test_outputs_asked_to_be_secret_are(stack):
    stack.up('Thing("first", name="a", opts=ResourceOptions(additional_secret_outputs=["arn"]))')
    assert "arn:a" not in stack.state.read_text()


def test_a_lost_key_is_said_with_its_cure(stack):
    stack.up(PROGRAM)
    key = stack.state.with_suffix(".key")
    key.rename(key.with_suffix(".elsewhere"))
    with pytest.raises(Problem, match=r"state\.key, is missing"):
        stack.up()
    key.write_text("nonsense")
    with pytest.raises(Problem, match="holds no key"):
        stack.up()
