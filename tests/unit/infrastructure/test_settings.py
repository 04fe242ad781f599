import json

import pulumi
import pytest
import yaml

from infrastructure import settings as settings_module
from infrastructure.settings import Settings, check_namespaces, parse
from shared.privacy import NEVER_KEPT, NEVER_KEPT_PARTS


def test_an_empty_configuration_is_a_secure_cloud_stack():
    settings = parse({}, "dev")
    assert settings.realtime
    assert not settings.force_destroy
    assert settings.privacy.ip_addresses == "truncated"
    assert settings.functions.platform == "aarch64-manylinux2014"
    assert settings.collect.reserved_concurrency is None, "new accounts have too small a limit to reserve from"
    assert settings.snowflake is not None


def test_values_arrive_as_text_with_json_inside():
    settings = parse({"realtime": "false", "stream": '{"mode": "PROVISIONED", "shards": 3}'}, "dev")
    assert not settings.realtime
    assert settings.stream.shards == 3


def test_snowflake_can_be_left_out():
    assert parse({"snowflake": "false"}, "dev").snowflake is None
    assert parse({"snowflake": "true"}, "dev").snowflake == Settings().snowflake


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("relatime", "false", "Pulumi.dev.yaml: headrace:relatime is not a setting (did you mean realtime?)"),
        ("stream", '{"shard": 2}', "headrace:stream.shard is not a setting (did you mean shards?)"),
        ("delivery", '{"buffer_mb": 500}', "headrace:delivery.buffer_mb is 500: input should be less than or equal to"),
        ("delivery", '{"buffer_seconds": "soon"}', 'headrace:delivery.buffer_seconds is "soon": input should be a'),
        ("retention", '{"logs_days": 2}', "headrace:retention.logs_days is 2: input should be 1, 3, 5, 7, 14"),
        ("stream", '{"mode": "PROVISIONED"}', "give `shards` with mode PROVISIONED, and only then"),
        ("stream", "7", "headrace:stream is 7: it holds settings of its own, one a line"),
        ("stream", "null", "headrace:stream is null: it holds settings of its own"),
        ("api", '{"allowed_origins": "*"}', 'headrace:api.allowed_origins is "*": it is a list'),
        (
            "api",
            '{"allowed_origins": ["shop.example"]}',
            'headrace:api.allowed_origins.0 is "shop.example": string should',
        ),
        ("api", '{"allowed_origins": ["https://shop.example/"]}', 'allowed_origins.0 is "https://shop.example/"'),
        ("api", '{"allowed_origins": ["https://*.shop.example"]}', 'allowed_origins.0 is "https://*.shop.example"'),
        (
            "privacy",
            '{"ip_addresses": "whole"}',
            "headrace:privacy.ip_addresses is \"whole\": input should be 'truncated'",
        ),
        ("alarm_topic", "me@example.org", 'headrace:alarm_topic is "me@example.org"'),
        ("snowflake", '{"database": "lower"}', 'headrace:snowflake.database is "lower"'),
        ("applications", '{"offer": true}', "headrace:applications.offer is not a setting (did you mean offers?)"),
        (
            "applications",
            '{"offers": {"minimum": 5}}',
            "headrace:applications.offers.minimum is not a setting (did you mean minimum_purchase?)",
        ),
        ("applications", '{"recommendations": {}}', "headrace:applications.recommendations.tracking_id"),
        ("sources", '{"segment": {"external_id": "1"}}', "headrace:sources.segment.external_id"),
        (
            "applications",
            '{"recommendations": true}',
            "headrace:applications.recommendations is true: it holds settings of",
        ),
        (
            "applications",
            '{"recommendations": {"tracking_id": "x", "item_property": "userId"}}',
            'item_property is "userId": personalize reserves that name',
        ),
        ("nothing_like_it", "1", "headrace:nothing_like_it is not a setting"),
    ],
)
def test_a_mistake_is_one_line_that_names_file_key_and_cure(key, value, words):
    with pytest.raises(pulumi.RunError) as failure:
        parse({key: value}, "dev")
    assert words in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_null_that_pulumi_wrote_as_empty_text_is_none():
    assert parse({"alarm_topic": ""}, "dev") == Settings()


def test_applications_need_the_stream():
    with pytest.raises(pulumi.RunError, match=r"`applications` need `realtime: true`"):
        parse({"realtime": "false", "applications": '{"offers": true}'}, "dev")


def test_several_mistakes_are_told_at_once():
    with pytest.raises(pulumi.RunError, match=r"relatime.*force"):
        parse({"relatime": "true", "force": "true"}, "dev")


def test_the_example_shows_the_defaults(pytestconfig):
    example = yaml.safe_load((pytestconfig.rootpath / "Pulumi.dev.yaml.example").read_text())["config"]
    shown = {key.removeprefix("headrace:"): value for key, value in example.items() if key.startswith("headrace:")}
    assert set(shown) == set(Settings.model_fields)
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in shown.items()}
    assert parse(values, "dev") == Settings()


@pytest.mark.parametrize("file", ["Pulumi.dev.yaml.example", "Pulumi.local.yaml"])
def test_every_key_of_our_files_is_read_by_somebody(pytestconfig, file):
    check_namespaces(yaml.safe_load((pytestconfig.rootpath / file).read_text())["config"], "headrace", "dev")


def test_the_local_stack_is_valid(pytestconfig):
    local = yaml.safe_load((pytestconfig.rootpath / "Pulumi.local.yaml").read_text())["config"]
    values = {k.removeprefix("headrace:"): json.dumps(v) for k, v in local.items() if k.startswith("headrace:")}
    assert parse(values, "local").force_destroy


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("aws:regio", "aws:regio is not a setting of the provider (did you mean region?)"),
        ("snowflake:privatKey", "snowflake:privatKey is not a setting of the provider (did you mean privateKey?)"),
        ("headrce:realtime", "headrce:realtime is read by nobody (did you mean headrace?)"),
        ("foo:bar", "foo:bar is read by nobody"),
    ],
)
def test_a_key_that_nobody_reads_is_a_mistake(key, words):
    with pytest.raises(pulumi.RunError) as failure:
        check_namespaces([key], "headrace", "dev")
    assert words in str(failure.value)


def test_keys_of_the_providers_and_of_pulumi_are_none():
    keys = ["aws:region", "aws:profile", "aws:defaultTags", "snowflake:previewFeaturesEnabled", "pulumi:autonaming"]
    check_namespaces([*keys, "headrace:anything"], "headrace", "dev")


SECRET = "a-short-secret"


@pytest.mark.parametrize(
    "privacy",
    [
        {"user_id_key": SECRET},
        {"user_id_key": [SECRET * 4]},
        {"user_id_key": {"value": SECRET * 4}},
        SECRET,
        [SECRET],
        {"user_id_key": SECRET * 4, "ip_addresses": "whole"},
        {"user_id_kye": SECRET * 4},
    ],
)
def test_no_message_shows_the_key_of_user_ids_right_or_wrong(privacy: object) -> None:
    values = {"privacy": json.dumps(privacy) if not isinstance(privacy, str) else privacy}
    with pytest.raises(pulumi.RunError) as raised:
        parse(values, "dev")
    assert "headrace:privacy" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_mistake_elsewhere_does_not_show_the_key_either() -> None:
    values = {"realtime": "false", "applications": '{"offers": true}', "privacy": f'{{"user_id_key": "{SECRET * 4}"}}'}
    with pytest.raises(pulumi.RunError) as raised:
        parse(values, "dev")
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("name", sorted({*NEVER_KEPT, "x-forwarded-for", "cf-connecting-ip", "x-csrf-token", "Cookie"}))
def test_headers_that_name_or_authorise_somebody_can_not_be_allowed(name: str) -> None:
    with pytest.raises(pulumi.RunError, match=r"headrace:privacy\.headers"):
        parse({"privacy": json.dumps({"headers": [name]})}, "dev")


def test_the_program_and_the_collector_agree_on_headers_that_are_never_kept() -> None:
    assert settings_module.NEVER_KEPT_HEADERS == NEVER_KEPT
    assert settings_module.NEVER_KEPT_HEADER_PARTS == NEVER_KEPT_PARTS
