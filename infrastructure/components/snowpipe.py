"""Snowpipe: every new object under a prefix of the lake becomes rows of a Snowflake table.

Snowflake's storage integration and the IAM role it assumes name each other. The order that needs no sleep: the role's
name is fixed first, so the integration can name a role that does not exist yet; the role then trusts the user and
external id that the integration was given; the pipe, the first to assume the role, comes last, after everything else
that takes Snowflake time, so that IAM has made the role known everywhere by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_snowflake as snowflake
from pulumi import Output, ResourceOptions

from infrastructure.components.event_lake import EventLake
from infrastructure.components.policies import Allow, policy, trust
from infrastructure.components.raw_logs import CLUSTER_BY, COLUMNS, copy_statement
from infrastructure.components.warehouse import Warehouse


@dataclass(frozen=True, kw_only=True)
class SnowpipeArgs:
    """From which prefix of which lake, into the table RAW.`table`."""

    lake: EventLake
    prefix: str
    warehouse: Warehouse
    table: str = "LOGS"


class Snowpipe(pulumi.ComponentResource):
    """Integration, role, format, stage, table, pipe, and the lake's notifications to the pipe's queue."""

    def __init__(self, name: str, args: SnowpipeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:warehouse:Snowpipe", name, None, opts)
        child = ResourceOptions(parent=self)
        # Grants on future objects are for objects made after them.
        granted = ResourceOptions(parent=self, depends_on=args.warehouse.grants)
        role_name = f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}-snowpipe"
        location = Output.concat("s3://", args.lake.name, "/", args.prefix)
        database, schema = args.warehouse.database.name, args.warehouse.raw.name

        integration = snowflake.StorageIntegrationAws(
            f"{name}-integration",
            name=Output.concat(database, f"_{args.table}_S3"),
            enabled=True,
            storage_provider="S3",
            storage_allowed_locations=[location],
            storage_aws_role_arn=Output.concat(
                "arn:aws:iam::", aws.get_caller_identity_output().account_id, f":role/{role_name}"
            ),
            opts=child,
        )
        permissions = self.reader(name, role_name, integration, args)
        file_format = snowflake.FileFormatJson(
            f"{name}-json",
            name=f"{args.table}_JSON",
            compression="AUTO",
            database=database,
            schema=schema,
            opts=granted,
        )
        self.stage = snowflake.StageExternalS3(
            f"{name}-stage",
            name=f"{args.table}_STAGE",
            url=location,
            storage_integration=integration.name,
            file_format={"format_name": file_format.fully_qualified_name},
            database=database,
            schema=schema,
            opts=granted,
        )
        self.table = snowflake.Table(
            f"{name}-table",
            name=args.table,
            columns=[
                {"name": c.name, "type": c.type, "nullable": c.nullable, "comment": c.description} for c in COLUMNS
            ],
            cluster_bies=CLUSTER_BY,
            database=database,
            schema=schema,
            opts=granted,
        )
        self.pipe = snowflake.Pipe(
            f"{name}-pipe",
            name=f"{args.table}_PIPE",
            auto_ingest=True,
            copy_statement=Output.all(self.table.fully_qualified_name, self.stage.fully_qualified_name).apply(
                lambda names: copy_statement(table=names[0], stage=names[1])
            ),
            database=database,
            schema=schema,
            opts=ResourceOptions(parent=self, depends_on=[permissions]),
        )
        args.lake.tell(self.pipe.notification_channel, args.prefix)
        self.register_outputs({"pipe": self.pipe.fully_qualified_name})

    def reader(
        self, name: str, role_name: str, integration: snowflake.StorageIntegrationAws, args: SnowpipeArgs
    ) -> aws.iam.RolePolicy:
        """The role that Snowflake assumes to read the prefix, and nothing else; returns its policy."""
        described = integration.describe_outputs[0]
        role = aws.iam.Role(
            f"{name}-snowpipe",
            name=role_name,
            assume_role_policy=trust(
                {"AWS": described.iam_user_arn},
                {"StringEquals": {"sts:ExternalId": described.external_id}},
            ),
            opts=ResourceOptions(parent=self),
        )
        reads: Sequence[Allow] = (
            Allow(actions=("s3:GetObject", "s3:GetObjectVersion"), resources=[args.lake.objects(args.prefix)]),
            Allow(
                actions=("s3:ListBucket",),
                resources=[args.lake.arn],
                conditions={"StringLike": {"s3:prefix": f"{args.prefix}*"}},
            ),
            Allow(actions=("s3:GetBucketLocation",), resources=[args.lake.arn]),
        )
        return aws.iam.RolePolicy(
            f"{name}-snowpipe", role=role.name, policy=policy(reads), opts=ResourceOptions(parent=self)
        )
