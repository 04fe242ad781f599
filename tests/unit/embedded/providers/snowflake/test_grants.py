import pytest


@pytest.fixture
def roles(raw):
    raw.create("AccountRole", name="RO")
    raw.create("AccountRole", name="RW")
    return raw


@pytest.mark.parametrize(
    ("inputs", "statement"),
    [
        ({"onAccountObject": {"objectType": "DATABASE", "objectName": "LAKE"}}, 'DATABASE "LAKE"'),
        ({"onSchema": {"schemaName": '"LAKE"."RAW"'}}, 'SCHEMA "LAKE"."RAW"'),
        ({"onSchema": {"allSchemasInDatabase": '"LAKE"'}}, 'ALL SCHEMAS IN DATABASE "LAKE"'),
        ({"onSchema": {"futureSchemasInDatabase": "LAKE"}}, 'FUTURE SCHEMAS IN DATABASE "LAKE"'),
        (
            {"onSchemaObject": {"future": {"objectTypePlural": "TABLES", "inDatabase": "LAKE"}}},
            'FUTURE TABLES IN DATABASE "LAKE"',
        ),
        (
            {"onSchemaObject": {"all": {"objectTypePlural": "VIEWS", "inSchema": '"LAKE"."RAW"'}}},
            'ALL VIEWS IN SCHEMA "LAKE"."RAW"',
        ),
        ({"onAccount": True}, "ACCOUNT"),
    ],
)
def test_a_grant_is_the_statement_it_stands_for(roles, inputs, statement):
    made = roles.create("GrantPrivilegesToAccountRole", accountRoleName="RO", privileges=["USAGE", "MONITOR"], **inputs)
    assert roles.statements[-1] == f'GRANT USAGE, MONITOR ON {statement} TO ROLE "RO"'
    roles.delete("GrantPrivilegesToAccountRole", made)
    assert roles.statements[-1] == f'REVOKE USAGE, MONITOR ON {statement} FROM ROLE "RO"'
    assert roles.catalogue.list("GRANT") == {}


def test_roles_are_granted_to_roles_and_users(roles):
    roles.create("ServiceUser", name="DBT")
    roles.create("GrantAccountRole", roleName="RO", parentRoleName="RW")
    roles.create("GrantAccountRole", roleName="RW", userName="DBT")
    roles.create("GrantAccountRole", roleName="RW", parentRoleName="SYSADMIN")
    assert roles.statements[-3:] == [
        'GRANT ROLE "RO" TO ROLE "RW"',
        'GRANT ROLE "RW" TO USER "DBT"',
        'GRANT ROLE "RW" TO ROLE "SYSADMIN"',
    ]


def test_grants_go_with_their_role(roles):
    role = roles.create("AccountRole", name="BRIEF")
    roles.create("GrantAccountRole", roleName="BRIEF", parentRoleName="RW")
    roles.create("GrantAccountRole", roleName="RO", parentRoleName="RW")
    roles.delete("AccountRole", role)
    assert list(roles.catalogue.list("GRANT")) == ['ROLE "RO" TO ROLE "RW"']


def test_a_misspelt_part_is_an_error(roles):
    with pytest.raises(ValueError, match="input 'object' fits no part of a grant"):
        roles.create(
            "GrantPrivilegesToAccountRole", accountRoleName="RO", privileges=["USAGE"], onSchema={"object": "x"}
        )
