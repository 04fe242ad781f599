import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from embedded.providers.contract import AlreadyExistsError
from embedded.providers.snowflake.account import SnowflakeError


def test_objects_have_their_full_names(raw):
    made = raw.create("FileFormatJson", database="LAKE", schema="RAW", name="NDJSON", compression="AUTO")
    assert made.id == made.outputs["fullyQualifiedName"] == '"LAKE"."RAW"."NDJSON"'
    assert raw.catalogue.get("FILE FORMAT", made.id)["compression"] == "AUTO"


def test_the_statements_are_those_of_a_real_account(raw):
    raw.create("Warehouse", name="WH", warehouseSize="XSMALL", autoSuspend=60, autoResume="true")
    assert raw.statements == [
        'CREATE DATABASE "LAKE"',
        'CREATE SCHEMA "LAKE"."RAW"',
        "CREATE WAREHOUSE \"WH\" WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE",
    ]


def test_a_change_is_an_alteration(account):
    made = account.create("Warehouse", name="WH", autoSuspend=60, comment="it's ours")
    account.update("Warehouse", made, name="WH", autoSuspend=5)
    assert account.statements[1:] == [
        'ALTER WAREHOUSE "WH" SET AUTO_SUSPEND = 5',
        'ALTER WAREHOUSE "WH" UNSET COMMENT',
    ]
    assert account.catalogue.get("WAREHOUSE", '"WH"')["autoSuspend"] == 5


def test_a_secret_is_not_in_the_statements(account):
    account.create("ServiceUser", frozenset({"comment"}), name="DBT", comment="hush")
    assert account.statements == ["CREATE USER \"DBT\" TYPE = SERVICE COMMENT = '***'"]


@pytest.mark.parametrize(
    ("type", "inputs", "missing"),
    [
        ("Schema", {"database": "NONE", "name": "RAW"}, "Database 'NONE'"),
        ("FileFormatJson", {"database": "LAKE", "schema": "NONE", "name": "F"}, "Schema 'LAKE.NONE'"),
        (
            "StageExternalS3",
            {"database": "LAKE", "schema": "RAW", "name": "S", "url": "s3://b/", "storageIntegration": "I"},
            "'I'",
        ),
        (
            "StageExternalS3",
            {
                "database": "LAKE",
                "schema": "RAW",
                "name": "S",
                "url": "s3://b/",
                "fileFormat": {"formatName": "LAKE.RAW.F"},
            },
            "File format 'LAKE.RAW.F'",
        ),
        ("GrantAccountRole", {"roleName": "NONE", "parentRoleName": "SYSADMIN"}, "Role 'NONE'"),
        ("GrantPrivilegesToAccountRole", {"accountRoleName": "NONE", "privileges": ["USAGE"]}, "Role 'NONE'"),
    ],
)
def test_what_names_something_that_is_not_there_is_refused(raw, type, inputs, missing):
    with pytest.raises(SnowflakeError, match=f"{missing} does not exist or not authorized"):
        raw.create(type, **inputs)


def test_a_name_can_be_taken_only_once(raw):
    with pytest.raises(AlreadyExistsError):
        raw.create("Database", name="LAKE")


def test_an_unknown_input_is_an_error(account):
    with pytest.raises(ValueError, match="input 'colour' fits no parameter of a warehouse"):
        account.create("Warehouse", name="WH", colour="red")


def test_all_goes_with_a_database(raw):
    raw.create("Table", database="LAKE", schema="RAW", name="LOGS", columns=[{"name": "A", "type": "INT"}])
    raw.delete("Database", raw.create("Database", name="OTHER"))
    assert raw.catalogue.list("TABLE")
    lake = raw.create("Warehouse", name="LAKE")  # of another kind: not touched
    raw.delete("Database", type(lake)('"LAKE"', {}, {}))
    assert not raw.catalogue.list("TABLE")
    assert not raw.catalogue.list("SCHEMA")
    assert not (raw.folder / "LAKE").exists()
    assert raw.catalogue.list("WAREHOUSE")


def test_dropping_what_is_gone_is_no_error(raw):
    known = raw.create("AccountRole", name="RO")
    raw.delete("AccountRole", known)
    raw.delete("AccountRole", known)


def test_a_users_key_must_be_one(account):
    key = generate_private_key(65537, 2048).public_key()
    text = base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    account.create("ServiceUser", name="DBT", rsaPublicKey=text)
    for wrong in ("MIIB...", f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----", text[:40]):
        with pytest.raises(SnowflakeError, match="public key rejected"):
            account.create("ServiceUser", name="OTHER", rsaPublicKey=wrong)
