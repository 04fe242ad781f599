"""What dbt gives to each connection that it opens to DuckDB; `dbt/profiles.yml` names this module."""

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from headrace import user_agents


class Plugin(BasePlugin):
    """The name is the one dbt-duckdb looks for."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        user_agents.register(conn)
