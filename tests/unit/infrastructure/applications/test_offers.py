from infrastructure.applications.offers import all_identities, may_send

IDENTITY = "arn:aws:ses:eu-west-1:123456789012:identity/offers@example.org"


def test_recipients_in_the_sandbox_are_identities_of_the_senders_account():
    assert all_identities(IDENTITY) == "arn:aws:ses:eu-west-1:123456789012:identity/*"


def test_a_senders_address_with_a_slash_changes_nothing():
    assert all_identities(IDENTITY.replace("offers@", "a/b:identity/c@")) == all_identities(IDENTITY)


def test_whoever_the_identity_checked_is_the_sender_is_the_settings_own():
    own, wide = may_send("offers@example.org", IDENTITY, all_identities(IDENTITY))
    assert own.resources == [IDENTITY]
    assert wide.conditions == {"StringEquals": {"ses:FromAddress": "offers@example.org"}}
    assert {*own.actions, *wide.actions} == {"ses:SendEmail"}
