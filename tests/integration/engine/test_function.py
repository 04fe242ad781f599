"""A function with all that goes with it: logs, alarms, a queue, a schedule, an API."""

from typing import Any

import boto3

FUNCTION = """
logs = aws.cloudwatch.LogGroup("collect", retention_in_days=days)
runs = aws.iam.Role("collect", assume_role_policy=trust("lambda.amazonaws.com"))
function = aws.lambda_.Function("collect", role=runs.arn, runtime="python3.13", handler="app.handler", timeout=10,
    code=pulumi.FileArchive(settings.require("code")), memory_size=128 + days, architectures=["arm64"],
    reserved_concurrent_executions=days, environment={"variables": {"DAYS": str(days)}},
    tracing_config={"mode": "Active"}, logging_config={"log_format": "Text", "log_group": logs.name})
topic = aws.sns.Topic("alarms", display_name=f"{days} days")
aws.cloudwatch.MetricAlarm("errors", namespace="AWS/Lambda", metric_name="Errors", statistic="Sum", period=60,
    evaluation_periods=1, threshold=days, comparison_operator="GreaterThanThreshold", alarm_actions=[topic.arn],
    dimensions={"FunctionName": function.name}, treat_missing_data="notBreaching")
aws.cloudwatch.Dashboard("dashboard", dashboard_name=Output.concat(function.name, "-dashboard"),
    dashboard_body=json.dumps({"widgets": [{"type": "text", "width": days, "properties": {"markdown": "x"}}]}))
queue = aws.sqs.Queue("dead", message_retention_seconds=days * 86400 if days < 15 else 1209600,
    visibility_timeout_seconds=days)
again = aws.iam.Role("again", assume_role_policy=trust("scheduler.amazonaws.com"))
aws.scheduler.Schedule("again", schedule_expression=f"rate({days} minutes)", flexible_time_window={"mode": "OFF"},
    target={"arn": function.arn, "role_arn": again.arn, "input": "{}", "retry_policy": {"maximum_retry_attempts": 1},
            "dead_letter_config": {"arn": queue.arn}})
api = aws.apigatewayv2.Api("api", protocol_type="HTTP", cors_configuration={"allow_origins": ["*"], "max_age": days})
integration = aws.apigatewayv2.Integration("collect", api_id=api.id, integration_type="AWS_PROXY",
    integration_uri=function.arn, payload_format_version="2.0", timeout_milliseconds=1000 * days)
for key in ("POST /collect", "GET /collect"):
    aws.apigatewayv2.Route(key, api_id=api.id, route_key=key, target=Output.concat("integrations/", integration.id))
stage = aws.apigatewayv2.Stage("api", api_id=api.id, name="$default", auto_deploy=True,
    default_route_settings={"throttling_rate_limit": 100.5, "throttling_burst_limit": days},
    access_log_settings={"destination_arn": logs.arn, "format": '{"status":"$context.status"}'})
aws.lambda_.Permission("api", action="lambda:InvokeFunction", function=function.name,
    principal="apigateway.amazonaws.com", source_arn=Output.concat(api.execution_arn, "/*/*"))
pulumi.export("function", function.name)
pulumi.export("api", api.id)
pulumi.export("url", stage.invoke_url)
pulumi.export("endpoint", api.api_endpoint)
pulumi.export("logs", logs.name)
pulumi.export("queue", queue.url)
"""


def test_a_function_with_its_api_is_as_declared(project):
    outputs = project.up(FUNCTION).outputs
    check_function(outputs, 14)
    assert outputs["endpoint"] + "/" == outputs["url"]
    assert outputs["url"].startswith("http://127.0.0.1:")
    assert project.up().counts == {"same": 15}


def test_a_function_with_its_api_changes_in_place(project):
    before = project.up(FUNCTION).outputs
    project.configure(days=7)
    outcome = project.up()
    assert outcome.counts == {"update": 10, "same": 5}
    assert outcome.outputs == before
    check_function(before, 7)


def test_new_code_changes_the_function_alone(project):
    name = project.up(FUNCTION).outputs["function"]
    before = boto3.client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"]
    (project.folder / "code" / "app.py").write_text("def handler(event, context):\n    return {}\n")
    project.up()
    assert project.report.steps == ["update Function collect"]
    assert boto3.client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"] != before


def test_a_run_that_lost_its_answers_finds_everything_again(project, standing):
    before = project.up(FUNCTION)
    counted = standing()
    project.forget()
    assert project.up().outputs == before.outputs
    assert standing() == counted
    assert project.up().counts == {"same": 15}


def check_function(outputs: dict[str, Any], days: int) -> None:
    found = boto3.client("lambda").get_function(FunctionName=outputs["function"])
    assert found["Configuration"]["MemorySize"] == 128 + days
    assert found["Configuration"]["Environment"]["Variables"] == {"DAYS": str(days)}
    assert found["Configuration"]["TracingConfig"]["Mode"] == "Active"
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == days
    (group,) = boto3.client("logs").describe_log_groups(logGroupNamePrefix=outputs["logs"])["logGroups"]
    assert group["retentionInDays"] == days
    (alarm,) = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["Threshold"], alarm["Dimensions"][0]["Value"]) == (days, outputs["function"])
    api = boto3.client("apigatewayv2")
    stage = api.get_stage(ApiId=outputs["api"], StageName="$default")
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == days
    assert api.get_api(ApiId=outputs["api"])["CorsConfiguration"]["MaxAge"] == days
    (integration,) = api.get_integrations(ApiId=outputs["api"])["Items"]
    assert integration["TimeoutInMillis"] == 1000 * days
    assert len(api.get_routes(ApiId=outputs["api"])["Items"]) == 2
    queue = boto3.client("sqs").get_queue_attributes(QueueUrl=outputs["queue"], AttributeNames=["All"])["Attributes"]
    assert queue["VisibilityTimeout"] == str(days)
    (schedule,) = boto3.client("scheduler").list_schedules()["Schedules"]
    assert (
        boto3.client("scheduler").get_schedule(Name=schedule["Name"])["ScheduleExpression"] == f"rate({days} minutes)"
    )
