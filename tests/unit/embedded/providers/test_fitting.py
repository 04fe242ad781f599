import boto3
import pytest

from embedded.providers.fitting import fit


def client(service: str):
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def test_inputs_become_parameters_by_name_at_any_depth():
    assert fit(
        client("lambda"),
        "create_function",
        {
            "name": "f",
            "memorySize": "256",
            "environment": {"variables": {"A": "1"}},
            "tracingConfig": {"mode": "Active"},
            "layers": "arn:one",
            "description": None,
        },
        {"name": "FunctionName"},
    ) == {
        "FunctionName": "f",
        "MemorySize": 256,
        "Environment": {"Variables": {"A": "1"}},
        "TracingConfig": {"Mode": "Active"},
        "Layers": ["arn:one"],
    }


def test_maps_become_the_lists_aws_wants():
    found = fit(
        client("cloudwatch"),
        "put_metric_alarm",
        {"dimensions": {"FunctionName": "f"}, "tags": {"team": "data"}, "threshold": "1.5", "actionsEnabled": "false"},
    )
    assert found == {
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Tags": [{"Key": "team", "Value": "data"}],
        "Threshold": 1.5,
        "ActionsEnabled": False,
    }


@pytest.mark.parametrize("inputs", [{"colour": "red"}, {"environment": {"variable": {}, "colour": "red"}}])
def test_an_input_that_fits_nothing_is_an_error_that_names_it(inputs):
    with pytest.raises(ValueError, match=r"input 'colour' fits no parameter of create_function"):
        fit(client("lambda"), "create_function", inputs)


def test_what_the_caller_sees_to_is_left_out():
    assert fit(client("sns"), "create_topic", {"name": "t", "policy": "{}"}, skip=("policy",)) == {"Name": "t"}
