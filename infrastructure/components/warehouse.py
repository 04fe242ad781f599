"""Snowflake: a database with its RAW schema, a warehouse, a read-only and a read-write role, and dbt's user."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_snowflake as snowflake
from pulumi import ResourceOptions

READ_ONLY, READ_WRITE = "RO", "RW"

# What each role may do, by kind of object. The read-write role is granted the read-only one besides.
WAREHOUSE = {READ_ONLY: ("USAGE",), READ_WRITE: ("USAGE", "MONITOR")}
DATABASE = {READ_ONLY: ("USAGE",), READ_WRITE: ("USAGE", "MONITOR", "CREATE SCHEMA")}
CREATE_IN_SCHEMA = (
    "TABLE",
    "EXTERNAL TABLE",
    "VIEW",
    "MATERIALIZED VIEW",
    "MASKING POLICY",
    "STAGE",
    "FILE FORMAT",
    "SEQUENCE",
    "FUNCTION",
    "PIPE",
    "STREAM",
    "TASK",
    "PROCEDURE",
)
SCHEMA = {
    READ_ONLY: ("USAGE",),
    READ_WRITE: ("MODIFY", "MONITOR", "USAGE", *(f"CREATE {kind}" for kind in CREATE_IN_SCHEMA)),
}
IN_SCHEMA = {
    "TABLES": {
        READ_ONLY: ("SELECT",),
        READ_WRITE: ("SELECT", "INSERT", "UPDATE", "TRUNCATE", "DELETE", "REFERENCES"),
    },
    "VIEWS": {READ_ONLY: ("SELECT",), READ_WRITE: ("SELECT",)},
    "MATERIALIZED VIEWS": {READ_ONLY: ("SELECT",), READ_WRITE: ("SELECT",)},
    "FUNCTIONS": {READ_ONLY: ("USAGE",), READ_WRITE: ("USAGE",)},
    # To load objects again. Who only reads tables has no business with the files they were made of.
    "STAGES": {READ_ONLY: (), READ_WRITE: ("USAGE",)},
    "FILE FORMATS": {READ_ONLY: (), READ_WRITE: ("USAGE",)},
}


@dataclass(frozen=True, kw_only=True)
class WarehouseArgs:
    """database: upper-case name, from which the warehouse, roles and user take theirs.

    auto_suspend_seconds: idle time after which the warehouse costs nothing; Snowflake bills at least 60 s a start.
    public_key: the user's RSA public key without PEM's first and last line; without one nobody can log in as it.
    """

    database: str
    size: str = "XSMALL"
    auto_suspend_seconds: int = 60
    public_key: str | None = None


class Warehouse(pulumi.ComponentResource):
    """Names are upper case throughout, because the provider quotes them."""

    def __init__(self, name: str, args: WarehouseArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:warehouse:Warehouse", name, None, opts)
        child = ResourceOptions(parent=self)
        self.database = snowflake.Database(f"{name}-database", name=args.database, opts=child)
        self.warehouse = snowflake.Warehouse(
            f"{name}-warehouse",
            name=f"{args.database}_WH",
            warehouse_size=args.size,
            auto_suspend=args.auto_suspend_seconds,
            auto_resume="true",
            initially_suspended=True,
            opts=child,
        )
        self.raw = snowflake.Schema(f"{name}-raw", name="RAW", database=self.database.name, opts=child)
        self.roles = {
            suffix: snowflake.AccountRole(f"{name}-{suffix.lower()}", name=f"{args.database}_{suffix}", opts=child)
            for suffix in (READ_ONLY, READ_WRITE)
        }
        self.read_only, self.read_write = self.roles[READ_ONLY], self.roles[READ_WRITE]
        self.grants = [
            self.inherit(name, self.read_only.name, self.read_write.name),
            *(grant for suffix in self.roles for grant in self.privileges(name, suffix)),
        ]
        self.user = snowflake.ServiceUser(
            f"{name}-dbt",
            name=f"{args.database}_DBT",
            comment="dbt: transforms RAW into EVENTS and STATS",
            default_role=self.read_write.name,
            default_warehouse=self.warehouse.name,
            rsa_public_key=args.public_key,
            opts=child,
        )
        snowflake.GrantAccountRole(
            f"{name}-dbt-rw", role_name=self.read_write.name, user_name=self.user.name, opts=child
        )
        self.register_outputs({"database": self.database.name})

    def inherit(self, name: str, role: pulumi.Output[str], parent: pulumi.Output[str]) -> snowflake.GrantAccountRole:
        """Gives `parent` all that `role` may do."""
        return snowflake.GrantAccountRole(
            f"{name}-rw-inherits-ro", role_name=role, parent_role_name=parent, opts=ResourceOptions(parent=self)
        )

    def privileges(self, name: str, suffix: str) -> list[snowflake.GrantPrivilegesToAccountRole]:
        """The grants of one role: on the warehouse, the database, all its schemas and all that is in them, now and
        in future."""
        in_database = self.database.fully_qualified_name
        found = [
            self.grant(
                f"{name}-{suffix.lower()}-warehouse",
                suffix,
                WAREHOUSE[suffix],
                on_account_object={"object_type": "WAREHOUSE", "object_name": self.warehouse.name},
            ),
            self.grant(
                f"{name}-{suffix.lower()}-database",
                suffix,
                DATABASE[suffix],
                on_account_object={"object_type": "DATABASE", "object_name": self.database.name},
            ),
            self.grant(
                f"{name}-{suffix.lower()}-schemas",
                suffix,
                SCHEMA[suffix],
                on_schema={"all_schemas_in_database": in_database},
                after=[self.raw],
            ),
            self.grant(
                f"{name}-{suffix.lower()}-future-schemas",
                suffix,
                SCHEMA[suffix],
                on_schema={"future_schemas_in_database": in_database},
            ),
        ]
        for kind, privileges in IN_SCHEMA.items():
            if not privileges[suffix]:
                continue
            found.append(
                self.grant(
                    f"{name}-{suffix.lower()}-future-{kind.lower().replace(' ', '-')}",
                    suffix,
                    privileges[suffix],
                    on_schema_object={"future": {"object_type_plural": kind, "in_database": in_database}},
                )
            )
        return found

    def grant(
        self,
        name: str,
        suffix: str,
        privileges: Sequence[str],
        after: Sequence[pulumi.Resource] = (),
        on_account_object: snowflake.GrantPrivilegesToAccountRoleOnAccountObjectArgsDict | None = None,
        on_schema: snowflake.GrantPrivilegesToAccountRoleOnSchemaArgsDict | None = None,
        on_schema_object: snowflake.GrantPrivilegesToAccountRoleOnSchemaObjectArgsDict | None = None,
    ) -> snowflake.GrantPrivilegesToAccountRole:
        return snowflake.GrantPrivilegesToAccountRole(
            name,
            account_role_name=self.roles[suffix].name,
            privileges=privileges,
            on_account_object=on_account_object,
            on_schema=on_schema,
            on_schema_object=on_schema_object,
            opts=ResourceOptions(parent=self, depends_on=after),
        )
