from infrastructure.components.event_lake import PREFIXES, EventLakeArgs, lifecycle_rules


def rules(**days) -> dict:
    return {rule["filter"]["prefix"]: rule for rule in lifecycle_rules(EventLakeArgs(**days))}


def test_every_prefix_has_a_rule():
    assert set(rules()) == set(PREFIXES)


def test_events_are_kept_for_ever_unless_told_otherwise():
    assert "expiration" not in rules()["raw/"]
    assert rules(raw_days=400)["raw/"]["expiration"] == {"days": 400}


def test_events_that_wait_to_be_put_again_never_expire():
    assert "expiration" not in rules(raw_days=1, bad_days=1)["spill/"]


def test_events_deleted_early_are_not_moved_to_another_class_first():
    assert "transitions" not in rules(raw_days=30, raw_infrequent_access_days=30)["raw/"]


def test_superseded_versions_go():
    assert all(rule["noncurrent_version_expiration"] == {"noncurrent_days": 7} for rule in rules().values())


def test_lists_of_people_do_not_stay_for_ever():
    assert rules(bad_days=30)["loyalty/"]["expiration"] == {"days": 30}


def test_which_rows_were_sent_again_is_known_for_ever_and_their_hits_are_not():
    found = rules(bad_days=30)
    assert "expiration" not in found["recovered/"]
    assert found["recovered/hits/"]["expiration"] == {"days": 30}
