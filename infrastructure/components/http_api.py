"""The HTTP API in front of a function: routes, throttle, CORS, access log."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.alarms import AlarmArgs, alarm
from infrastructure.components.function import Function

# Any site may send, cookies and all: a page's own domain is not known here. With "*" no browser sends cookies.
ANY_SITE = ("https://*", "http://*")
# What browsers' trackers set that needs leave: sp-anonymous is Snowplow's, authorization Segment's write key.
HEADERS = ("content-type", "authorization", "sp-anonymous")
WORDS = re.compile("[a-z0-9]+")

# One JSON object a request. The caller's address is left out: events keep it truncated, so the log must not know more.
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "integrationError": "$context.integrationErrorMessage",
    "protocol": "$context.protocol",
}


@dataclass(frozen=True, kw_only=True)
class HttpApiArgs:
    """One function behind `routes` ("POST /collect").

    rate_limit, burst_limit: requests/s and bucket size of the stage's throttle (account quota 10,000 and 5,000).
    allowed_origins: of pages that may send what needs a preflight, and read answers: `https://shop.example`, all of a
    scheme as `https://*`, or `*`, which is without cookies.
    """

    function: Function
    routes: Sequence[str]
    rate_limit: int = 2000
    burst_limit: int = 1000
    allowed_origins: Sequence[str] = ANY_SITE
    logs_days: int = 14
    alarm_topic: str | None = None


class HttpApi(pulumi.ComponentResource):
    """An API Gateway HTTP API (v2) with its `$default` stage, so that clients' root paths work."""

    def __init__(self, name: str, args: HttpApiArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:api:HttpApi", name, None, opts)
        child = ResourceOptions(parent=self)
        self.api = aws.apigatewayv2.Api(
            f"{name}-api",
            protocol_type="HTTP",
            cors_configuration={
                "allow_origins": args.allowed_origins,
                "allow_methods": ["GET", "POST", "OPTIONS"],
                "allow_headers": HEADERS,
                "allow_credentials": "*" not in args.allowed_origins,  # an HTTP API refuses the two together
                "max_age": 86400,  # seconds: a browser asks once a day
            },
            opts=child,
        )
        integration = aws.apigatewayv2.Integration(
            f"{name}-integration",
            api_id=self.api.id,
            integration_type="AWS_PROXY",
            integration_method="POST",
            integration_uri=args.function.invoke_arn,
            payload_format_version="2.0",
            opts=child,
        )
        routes = [
            aws.apigatewayv2.Route(
                f"{name}-{'-'.join(WORDS.findall(route.lower()))}",
                api_id=self.api.id,
                route_key=route,
                target=pulumi.Output.concat("integrations/", integration.id),
                opts=child,
            )
            for route in args.routes
        ]
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-access-log",
            # Under this name API Gateway needs no room in the account's one log resource policy.
            name=f"/aws/vendedlogs/http-api/{pulumi.get_project()}-{pulumi.get_stack()}-{name}",
            retention_in_days=args.logs_days,
            opts=child,
        )
        self.stage = aws.apigatewayv2.Stage(
            f"{name}-stage",
            name="$default",
            api_id=self.api.id,
            auto_deploy=True,
            default_route_settings={
                "throttling_rate_limit": args.rate_limit,
                "throttling_burst_limit": args.burst_limit,
                "detailed_metrics_enabled": True,
            },
            access_log_settings={
                "destination_arn": log_group.arn,
                "format": pulumi.Output.json_dumps(ACCESS_LOG),
            },
            opts=ResourceOptions(parent=self, depends_on=routes),
        )
        aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=args.function.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(self.api.execution_arn, "/*"),
            opts=child,
        )
        alarm(
            f"{name}-5xx",
            AlarmArgs(
                description="Clients were answered with a server error; well-behaved ones send the hits again.",
                namespace="AWS/ApiGateway",
                metric="5xx",
                dimensions={"ApiId": self.api.id},
                topic=args.alarm_topic,
            ),
            child,
        )
        self.url = self.stage.invoke_url.apply(lambda url: url.rstrip("/"))
        self.register_outputs({"url": self.url})
