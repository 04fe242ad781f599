"""The stack's configuration, `headrace:*` in `Pulumi.<stack>.yaml`, typed and checked before anything is created."""

import difflib
import inspect
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

import pulumi
import pulumi_aws as aws
import pulumi_snowflake as snowflake
from pulumi.runtime import config as pulumi_config
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

# What CloudWatch Logs accepts for a log group (PutRetentionPolicy).
LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


# Of events in Amazon Personalize: they have members of these names.
RESERVED_PROPERTIES = frozenset({"userid", "sessionid", "eventtype", "timestamp", "recommendationid", "impression"})

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")

# Whose settings a stack's file may hold besides ours, and the arguments that are their settings.
PROVIDERS = {"aws": aws.ProviderArgs.__init__, "snowflake": snowflake.ProviderArgs.__init__}

# Settings whose values no message may show.
SECRETS = ("user_id_key",)

# What the collector never keeps, whatever is allowed (`lambdas/shared/privacy.py`, which a test compares).
NEVER_KEPT_HEADERS = frozenset(
    {"authorization", "cookie", "cookie2", "forwarded", "proxy-authorization", "set-cookie", "via", "x-api-key"}
)
NEVER_KEPT_HEADER_PARTS = ("forwarded", "client-ip", "real-ip", "connecting-ip", "cookie", "token", "secret", "auth")

# Pydantic's words where they speak of Python.
EXPECTED = {
    "model_type": "it holds settings of its own, one a line",
    "tuple_type": "it is a list",
}


class Section(BaseModel):
    """A part of the configuration: immutable, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StreamSettings(Section):
    """The Kinesis stream `events`. A provisioned shard takes 1 MB/s or 1,000 records/s (Kinesis quota)."""

    mode: Literal["ON_DEMAND", "PROVISIONED"] = "ON_DEMAND"
    shards: int | None = Field(default=None, ge=1, le=500)
    retention_hours: int = Field(default=24, ge=24, le=8760)

    @model_validator(mode="after")
    def shards_belong_to_provisioned(self) -> "StreamSettings":
        if (self.mode == "PROVISIONED") != (self.shards is not None):
            raise ValueError("give `shards` with mode PROVISIONED, and only then")
        return self


class DeliverySettings(Section):
    """Firehose buffers until either hint is reached (1..128 MB, 0..900 s: Firehose quota)."""

    buffer_mb: int = Field(default=64, ge=1, le=128)
    buffer_seconds: int = Field(default=60, ge=0, le=900)


class CollectSettings(Section):
    """The collect function. `reserved_concurrency` None leaves it in the account's pool.

    write_keys: those that Segment's libraries may send with; without any, Segment's routes are closed.
    """

    memory_mb: int = Field(default=256, ge=128, le=10240)
    timeout_seconds: int = Field(default=10, ge=1, le=30)  # an HTTP API waits 30 s at most
    reserved_concurrency: int | None = Field(default=None, ge=1)
    write_keys: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")], ...] = ()


class PrivacySettings(Section):
    """What is kept of people. do_not_track: honoured, hits of browsers that send `DNT: 1` or `Sec-GPC: 1` are dropped.
    consent: honoured, hits that say themselves that analytics were refused are dropped. user_id_key: a secret of at
    least 32 characters; with it user ids are hashed before anything is stored. headers: names of HTTP headers to keep
    besides those that always are; never those that carry credentials or addresses. docs/privacy.md
    """

    ip_addresses: Literal["truncated", "full"] = "truncated"
    do_not_track: Literal["honoured", "ignored"] = "ignored"
    consent: Literal["honoured", "ignored"] = "honoured"
    user_id_key: str | None = Field(default=None, min_length=32)
    headers: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")], ...] = ()

    @field_validator("headers")
    @classmethod
    def headers_name_nobody(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name in NEVER_KEPT_HEADERS or any(part in name for part in NEVER_KEPT_HEADER_PARTS):
                raise ValueError("a header that carries credentials, cookies or addresses is never kept")
        return names

    def environment(self) -> dict[str, pulumi.Input[str]]:
        """As the collect function reads it."""
        variables: dict[str, pulumi.Input[str]] = {
            "IP_ADDRESSES": self.ip_addresses,
            "DO_NOT_TRACK": self.do_not_track,
            "CONSENT": self.consent,
            "HEADERS": ",".join(self.headers),
        }
        if self.user_id_key:
            variables["USER_ID_KEY"] = pulumi.Output.secret(self.user_id_key)
        return variables


# As a browser names a site: no path behind it. An HTTP API takes wildcards for all of a scheme only.
Origin = Annotated[str, Field(pattern=r"^(\*|https?://(\*|[^/*\s]+))$")]


class ApiSettings(Section):
    """The HTTP API's throttle (requests/s and burst over the whole stage) and CORS origins.

    allowed_origins: sites whose pages may send with cookies, preflight and read answers. `*` is all, without cookies.
    """

    rate_limit: int = Field(default=2000, ge=1)
    burst_limit: int = Field(default=1000, ge=1)
    allowed_origins: tuple[Origin, ...] = ("https://*", "http://*")


class FunctionSettings(Section):
    """What the functions' packages are built for: `host` is this machine, for the embedded cloud."""

    platform: Literal["aarch64-manylinux2014", "host"] = "aarch64-manylinux2014"
    python: Literal["3.13"] = "3.13"


class RetentionSettings(Section):
    """Days until things are deleted; None keeps them."""

    logs_days: LogRetentionDays = 14
    raw_days: int | None = Field(default=None, ge=1)
    raw_infrequent_access_days: int = Field(default=30, ge=30)  # S3 moves nothing to STANDARD_IA earlier
    bad_days: int = Field(default=90, ge=1)


class SnowflakeSettings(Section):
    """The warehouse. `public_key` is the service user's RSA public key, without PEM's first and last line."""

    database: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    warehouse_size: Literal["XSMALL", "SMALL", "MEDIUM", "LARGE"] = "XSMALL"
    auto_suspend_seconds: int = Field(default=60, ge=5)
    public_key: str | None = None


def off_or_section(value: Any) -> Any:
    """`false` leaves a section out; `true` takes its defaults."""
    return {False: None, True: {}}.get(value, value) if isinstance(value, bool) else value


class SegmentSettings(Section):
    """The stream `segment`, and who may put there. external_id: the "Secret ID" of the destination in Segment."""

    external_id: str = Field(min_length=8)
    stream: StreamSettings = StreamSettings()


class SourcesSettings(Section):
    """Streams that other systems fill, beside our own: Snowplow's enriched events, Segment's Kinesis destination."""

    enriched: Annotated[StreamSettings | None, BeforeValidator(off_or_section)] = None
    segment: SegmentSettings | None = None


class OffersSettings(Section):
    """Retargeting offers. minimum_purchase: in the shop's currency; an offer needs a purchase above it.

    cooldown_days: until a customer may get another offer. memory_days: what a customer did longer ago earns no offer
    any more. email_from: the SES sender, which is set up and verified here; null sends no e-mail.
    """

    minimum_purchase: Decimal = Field(default=Decimal(50), ge=0, max_digits=15)
    discount_percent: int = Field(default=10, ge=1, le=100)
    valid_days: int = Field(default=7, ge=1, le=365)
    cooldown_days: int = Field(default=30, ge=1, le=3650)
    memory_days: int = Field(default=30, ge=1, le=3650)
    email_from: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$")


class LoyaltySettings(Section):
    """Loyalty promotions. promotion: under whose name an event's conversion counts that names none; files name theirs.

    At most 128 characters, of ASCII without `"` and `\\`: every decision repeats it.
    """

    promotion: str = Field(default="default", max_length=128, pattern=r"^[ !#-\[\]-~]*[!#-\[\]-~][ !#-\[\]-~]*$")


class RecommendationsSettings(Section):
    """The feed into Amazon Personalize. tracking_id: of its event tracker, which AWS gives when it is made.

    item_property: under which name the properties of an event repeat its item: `itemId`, or `id` for older schemas.
    product_views: whether views of products are told too, beside clicks, additions to the cart and purchases.
    """

    tracking_id: str = Field(min_length=1, max_length=256)  # PutEvents' own limit
    item_property: str = Field(default="itemId", pattern=r"^[A-Za-z]\w{0,63}$")
    product_views: bool = False

    @field_validator("item_property")
    @classmethod
    def is_not_reserved(cls, name: str) -> str:
        if name.lower() in RESERVED_PROPERTIES:
            raise ValueError("Personalize reserves that name: itemId or id are usual")
        return name


class LiveCountsSettings(Section):
    """Who is at which level now. level: what an event's level is; see docs/live-counts.md.

    gone_after_seconds: a player not seen for so long has left.
    """

    level: Literal["page_category", "funnel_stage", "codecombat"] = "funnel_stage"
    gone_after_seconds: int = Field(default=300, ge=10)


class ApplicationsSettings(Section):
    """The real-time applications, each off unless it is named."""

    offers: Annotated[OffersSettings | None, BeforeValidator(off_or_section)] = None
    loyalty: Annotated[LoyaltySettings | None, BeforeValidator(off_or_section)] = None
    recommendations: RecommendationsSettings | None = None
    live_counts: Annotated[LiveCountsSettings | None, BeforeValidator(off_or_section)] = None


class Settings(Section):
    """All of it. Defaults are those of a real deployment; the embedded cloud's differ in Pulumi.local.yaml."""

    realtime: bool = True
    force_destroy: bool = False
    # Pulumi hands a `null` at the top level over as empty text.
    alarm_topic: Annotated[str | None, BeforeValidator(lambda text: text or None)] = Field(
        default=None, pattern=r"^arn:aws[a-z-]*:sns:"
    )
    privacy: PrivacySettings = PrivacySettings()
    stream: StreamSettings = StreamSettings()
    delivery: DeliverySettings = DeliverySettings()
    collect: CollectSettings = CollectSettings()
    api: ApiSettings = ApiSettings()
    functions: FunctionSettings = FunctionSettings()
    retention: RetentionSettings = RetentionSettings()
    snowflake: Annotated[SnowflakeSettings | None, BeforeValidator(off_or_section)] = SnowflakeSettings()
    sources: SourcesSettings = SourcesSettings()
    applications: ApplicationsSettings = ApplicationsSettings()

    @model_validator(mode="after")
    def applications_read_a_stream(self) -> "Settings":
        wanted = any(getattr(self.applications, name) for name in ApplicationsSettings.model_fields)
        if wanted and not self.realtime:
            raise ValueError("`applications` need `realtime: true`: they read the stream that it makes")
        return self


def load() -> Settings:
    """The settings of the stack being deployed. Raises pulumi.RunError with one line a mistake."""
    project, stack = pulumi.get_project(), pulumi.get_stack()
    values = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    check_namespaces(values, project, stack)
    region = values.get("aws:region")
    if region is not None and not REGION.fullmatch(region):
        raise pulumi.RunError(f"Pulumi.{stack}.yaml: aws:region is {region}: a region is named like eu-west-1")
    prefix = f"{project}:"
    return parse({k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}, stack)


def check_namespaces(keys: Iterable[str], project: str, stack: str) -> None:
    """Raises pulumi.RunError for a key that neither this program nor one of its providers would read."""
    for key in keys:
        namespace, _, name = key.partition(":")
        if namespace in PROVIDERS:
            known = [camel_case(parameter) for parameter in inspect.signature(PROVIDERS[namespace]).parameters]
            if name not in known:
                raise pulumi.RunError(f"Pulumi.{stack}.yaml: {key} is not a setting of the provider{near(name, known)}")
        elif namespace not in (project, "pulumi"):
            raise pulumi.RunError(
                f"Pulumi.{stack}.yaml: {key} is read by nobody{near(namespace, [*PROVIDERS, project])}"
            )


def parse(values: Mapping[str, Any], stack: str) -> Settings:
    """Settings from the stack's values, as Pulumi hands them over: text, with JSON for anything nested.

    Raises pulumi.RunError that names the file, each key and what it may be.
    """
    try:
        return Settings.model_validate({key: decoded(value) for key, value in values.items()})
    except ValidationError as error:
        mistakes = "; ".join(dict.fromkeys(mistake(details) for details in error.errors()))
        raise pulumi.RunError(f"Pulumi.{stack}.yaml: {mistakes}") from None


def decoded(value: Any) -> Any:
    """A JSON value where the text is one, else the text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        return value


def mistake(details: Any) -> str:
    """One mistake as a person reads it: the key, what is wrong, and the nearest right name."""
    path = [str(part) for part in details["loc"]]
    key = f"headrace:{'.'.join(path)}"
    if details["type"] == "extra_forbidden":
        return f"{key} is not a setting{near(path[-1], known_keys(path[:-1]))}"
    words = EXPECTED.get(details["type"]) or details["msg"].removeprefix("Value error, ")
    if may_hold_a_secret(path, details["input"]):
        return f"{key} can not be used: {words[0].lower()}{words[1:]}"
    return f"{key} is {json.dumps(details['input'])}: {words[0].lower()}{words[1:]}"


def may_hold_a_secret(path: list[str], value: Any) -> bool:
    """Whether a value is a secret, or a section around one, also where it was given for the section itself."""
    if path and (path[-1] in SECRETS or path[-1] == "privacy"):
        return True
    return any(secret in json.dumps(value, default=str) for secret in SECRETS)


def near(name: str, known: list[str]) -> str:
    """What was probably meant, where that can be told."""
    found = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {found[0]}?)" if found else ""


def camel_case(parameter: str) -> str:
    """`private_key` as configuration files have it, `privateKey`."""
    first, *others = parameter.split("_")
    return first + "".join(other.title() for other in others)


def known_keys(path: list[str]) -> list[str]:
    """The settings of the section at `path`, also of one that is off by default."""
    section: type[BaseModel] = Settings
    for part in path:
        annotation = section.model_fields[part].annotation
        choices = (annotation, *get_args(annotation))
        section = next(choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel))
    return list(section.model_fields)
