import duckdb
import pytest

from embedded.providers.snowflake.account import SnowflakeError
from embedded.providers.snowflake.tables import duckdb_type

COLUMNS = [
    {"name": "ID", "type": "VARCHAR(36)", "nullable": False, "comment": "the row's id"},
    {"name": "AT", "type": "TIMESTAMP_NTZ(9)"},
    {"name": "DATA", "type": "VARIANT", "nullable": False},
    {"name": "ROW", "type": "NUMBER(20,0)"},
]
PLACE = {"database": "LAKE", "schema": "RAW", "name": "LOGS"}


def described(folder) -> list[tuple]:
    return duckdb.sql(f"DESCRIBE SELECT * FROM '{folder}/LAKE/RAW/LOGS/*.parquet'").fetchall()


def test_a_table_can_be_read_before_it_has_rows(raw):
    raw.create("Table", **PLACE, columns=COLUMNS)
    assert [row[:2] for row in described(raw.folder)] == [
        ("ID", "VARCHAR"),
        ("AT", "TIMESTAMP"),
        ("DATA", "JSON"),
        ("ROW", "DECIMAL(20,0)"),
    ]
    assert raw.statements[-1] == (
        'CREATE TABLE "LAKE"."RAW"."LOGS" ("ID" VARCHAR(36) NOT NULL COMMENT \'the row\'\'s id\', '
        '"AT" TIMESTAMP_NTZ(9), "DATA" VARIANT NOT NULL, "ROW" NUMBER(20,0))'
    )


def test_rows_stay_when_columns_come_and_go(raw):
    made = raw.create("Table", **PLACE, columns=COLUMNS)
    rows = raw.folder / "LAKE/RAW/LOGS/1.parquet"
    duckdb.sql("SELECT 'x' AS ID, now()::TIMESTAMP AS AT, '{}'::JSON AS DATA, 1::DECIMAL(20,0) AS ROW").write_parquet(
        str(rows)
    )
    raw.update("Table", made, **PLACE, columns=[*COLUMNS[:2], {"name": "NOTE", "type": "STRING"}])
    assert [row[0] for row in described(raw.folder)] == ["ID", "AT", "NOTE"]
    assert duckdb.sql(f"SELECT ID, NOTE FROM '{raw.folder}/LAKE/RAW/LOGS/*.parquet'").fetchall() == [("x", None)]
    assert raw.statements[-3:] == [
        'ALTER TABLE "LAKE"."RAW"."LOGS" DROP COLUMN "DATA"',
        'ALTER TABLE "LAKE"."RAW"."LOGS" DROP COLUMN "ROW"',
        'ALTER TABLE "LAKE"."RAW"."LOGS" ADD COLUMN "NOTE" STRING',
    ]


def test_rows_go_with_their_table(raw):
    raw.delete("Table", raw.create("Table", **PLACE, columns=COLUMNS))
    assert not (raw.folder / "LAKE/RAW/LOGS").exists()


def test_types_that_snowflake_does_not_have_are_refused(raw):
    with pytest.raises(SnowflakeError, match="unsupported data type"):
        raw.create("Table", **PLACE, columns=[{"name": "A", "type": "NOT A TYPE"}])


def test_a_column_is_named_once(raw):
    with pytest.raises(SnowflakeError, match="duplicate column name 'A'"):
        raw.create("Table", **PLACE, columns=[{"name": "A", "type": "INT"}, {"name": "A", "type": "INT"}])


def test_a_preview_feature_must_be_enabled_where_the_provider_is_configured(raw):
    raw.config = {"previewFeaturesEnabled": '["snowflake_pipe_resource"]'}
    with pytest.raises(SnowflakeError, match="must be enabled by adding snowflake_table_resource"):
        raw.create("Table", **PLACE, columns=COLUMNS)
    raw.config = {"previewFeaturesEnabled": '["snowflake_table_resource"]'}
    raw.create("Table", **PLACE, columns=COLUMNS)


@pytest.mark.parametrize(
    ("snowflake", "embedded"),
    [("STRING", "TEXT"), ("TIMESTAMP_TZ", "TIMESTAMPTZ"), ("ARRAY", "JSON"), ("OBJECT", "JSON"), ("FLOAT", "DOUBLE")],
)
def test_types_are_kept_as_duckdb_can_hold_them(snowflake, embedded):
    assert duckdb_type(snowflake) == embedded
