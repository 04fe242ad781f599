"""Which provider knows which resource type."""

import os
from pathlib import Path

from embedded.providers import (
    apigatewayv2,
    cloudwatch,
    dynamodb,
    eventbridge,
    firehose,
    iam,
    kinesis,
    lambda_,
    logs,
    mappings,
    s3,
    s3_settings,
    scheduler,
    ses,
    sns,
    sqs,
)
from embedded.providers.aws import AwsProvider
from embedded.providers.cloud import Clients, Cloud
from embedded.providers.contract import Provider, Values
from embedded.providers.functions import FUNCTIONS
from embedded.providers.snowflake import grants, objects, pipes, storage, tables
from embedded.providers.snowflake.account import Account
from embedded.providers.snowflake.base import SnowflakeProvider
from embedded.snowflake.catalogue import ENVIRONMENT_VARIABLE, Catalogue
from headrace.console import Problem

AWS: dict[str, type[AwsProvider]] = {
    "apigatewayv2/api:Api": apigatewayv2.Api,
    "apigatewayv2/integration:Integration": apigatewayv2.Integration,
    "apigatewayv2/route:Route": apigatewayv2.Route,
    "apigatewayv2/stage:Stage": apigatewayv2.Stage,
    "cloudwatch/dashboard:Dashboard": cloudwatch.Dashboard,
    "cloudwatch/eventBus:EventBus": eventbridge.EventBus,
    "cloudwatch/eventRule:EventRule": eventbridge.EventRule,
    "cloudwatch/eventTarget:EventTarget": eventbridge.EventTarget,
    "cloudwatch/logGroup:LogGroup": logs.LogGroup,
    "cloudwatch/logStream:LogStream": logs.LogStream,
    "cloudwatch/metricAlarm:MetricAlarm": cloudwatch.MetricAlarm,
    "dynamodb/table:Table": dynamodb.Table,
    "iam/role:Role": iam.Role,
    "iam/rolePolicy:RolePolicy": iam.RolePolicy,
    "kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": firehose.FirehoseDeliveryStream,
    "kinesis/stream:Stream": kinesis.Stream,
    "lambda/eventSourceMapping:EventSourceMapping": mappings.EventSourceMapping,
    "lambda/function:Function": lambda_.Function,
    "lambda/permission:Permission": lambda_.Permission,
    "s3/bucket:Bucket": s3.Bucket,
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3_settings.BucketLifecycleConfiguration,
    "s3/bucketNotification:BucketNotification": s3_settings.BucketNotification,
    "s3/bucketOwnershipControls:BucketOwnershipControls": s3_settings.BucketOwnershipControls,
    "s3/bucketPolicy:BucketPolicy": s3_settings.BucketPolicy,
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3_settings.BucketPublicAccessBlock,
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        s3_settings.BucketServerSideEncryptionConfiguration
    ),
    "s3/bucketVersioning:BucketVersioning": s3_settings.BucketVersioning,
    "scheduler/schedule:Schedule": scheduler.Schedule,
    "sesv2/emailIdentity:EmailIdentity": ses.EmailIdentity,
    "sns/topic:Topic": sns.Topic,
    "sqs/queue:Queue": sqs.Queue,
    "sqs/queuePolicy:QueuePolicy": sqs.QueuePolicy,
}
SNOWFLAKE: dict[str, type[SnowflakeProvider | grants.Grant]] = {
    "accountRole:AccountRole": objects.AccountRole,
    "database:Database": objects.Database,
    "fileFormatJson:FileFormatJson": objects.FileFormatJson,
    "grantAccountRole:GrantAccountRole": grants.GrantAccountRole,
    "grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole": grants.GrantPrivilegesToAccountRole,
    "pipe:Pipe": pipes.Pipe,
    "schema:Schema": objects.Schema,
    "serviceUser:ServiceUser": objects.ServiceUser,
    "stageExternalS3:StageExternalS3": storage.StageExternalS3,
    "storageIntegrationAws:StorageIntegrationAws": storage.StorageIntegrationAws,
    "table:Table": tables.Table,
    "warehouse:Warehouse": objects.Warehouse,
}
SNOWFLAKE_PREFIX = "snowflake:index/"


class CloudProviders:
    """The providers of the embedded cloud, with one set of clients for a whole deployment."""

    def __init__(self) -> None:
        self._clients = Clients()

    def provider(self, type: str, config: Values, secret: frozenset[str]) -> Provider:
        """Raises Problem for a type that is not known here."""
        if type.startswith(SNOWFLAKE_PREFIX) and (snowflake := SNOWFLAKE.get(type.removeprefix(SNOWFLAKE_PREFIX))):
            catalogue = Catalogue(Path(os.environ[ENVIRONMENT_VARIABLE]))
            return snowflake(Account(catalogue, Cloud(self._clients, {}), config), secret)
        if aws := AWS.get(type.removeprefix("aws:")):
            return aws(Cloud(self._clients, config))
        raise Problem(
            f"the embedded cloud has no resource type {type}",
            "leave it out of this stack by configuration, or write its provider in embedded/providers",
        )

    def call(self, function: str, config: Values, arguments: Values) -> Values:
        """Raises Problem for a function that is not known here."""
        if function not in FUNCTIONS:
            raise Problem(
                f"the embedded cloud has no function {function}",
                "compute it in the program, or write it in embedded/providers/functions.py",
            )
        return FUNCTIONS[function](Cloud(self._clients, config), arguments)
