"""HTTP APIs: the API, its integrations, routes and stages. The four are made alike."""

# ruff: noqa: ARG002 - all resource types are called alike

import os
from abc import abstractmethod
from typing import Any, ClassVar

from embedded.providers.aws import AwsProvider
from embedded.providers.cloud import front_door
from embedded.providers.contract import Known, Values

DEFAULT_STAGE = "$default"


class HttpApiPart(AwsProvider):
    """noun: of the operations `create_<noun>`, `update_<noun>`, `delete_<noun>`. member: its id in the API."""

    service = "apigatewayv2"
    named = ""
    noun: ClassVar[str]
    member: ClassVar[str]
    immutable = frozenset({"apiId"})
    not_updated: ClassVar[tuple[str, ...]] = ()

    def make(self, inputs: Values) -> tuple[str, Values]:
        operation = f"create_{self.noun}"
        made = getattr(self.client(inputs), operation)(**self.fit(operation, self._for_api(inputs)))
        return made[self.member], self.outputs(made, inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        operation = f"update_{self.noun}"
        parameters = self.fit(operation, self._for_api(inputs), "apiId", *self.not_updated)
        found = getattr(self.client(inputs), operation)(**parameters | self.key(known.id, inputs))
        return self.outputs(found, inputs)

    def remove(self, known: Known) -> None:
        getattr(self.client(known.inputs), f"delete_{self.noun}")(**self.key(known.id, known.inputs))

    def look_up(self, inputs: Values) -> str | None:
        """Its id is the cloud's own, so that it is known by what it is."""
        pages = self.client(inputs).get_paginator(f"get_{self.noun}s").paginate(**self.parent(inputs))
        items = (item for page in pages for item in page["Items"])
        return next((item[self.member] for item in items if self.is_it(item, inputs)), None)

    @abstractmethod
    def is_it(self, item: Values, inputs: Values) -> bool:
        """Whether an item of the API's list is what the inputs describe."""

    def parent(self, inputs: Values) -> dict[str, str]:
        return {"ApiId": inputs["apiId"]}

    def key(self, id: str, inputs: Values) -> dict[str, str]:
        return {**self.parent(inputs), self.member: id}

    def outputs(self, found: Values, inputs: Values) -> Values:
        return {}

    def retag(self, known: Known, inputs: Values, arn: str) -> None:
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            self.client(inputs).untag_resource(ResourceArn=arn, TagKeys=gone)
        if tags:
            self.client(inputs).tag_resource(ResourceArn=arn, Tags=tags)

    def _for_api(self, inputs: Values) -> Values:
        """The inputs as the API spells them."""
        return inputs


class Api(HttpApiPart):
    named = "name"
    noun = "api"
    member = "ApiId"
    tagged = True
    immutable = frozenset({"protocolType"})
    not_updated = ("protocolType", "tags")
    aside = ("failOnWarnings",)

    def change(self, known: Known, inputs: Values) -> Values:
        """The cross-origin settings can not be updated away, only deleted."""
        if known.inputs.get("corsConfiguration") and not inputs.get("corsConfiguration"):
            self.client(inputs).delete_cors_configuration(ApiId=known.id)
        outputs = super().change(known, inputs)
        self.retag(known, inputs, outputs["arn"])
        return outputs

    def is_it(self, item: Values, inputs: Values) -> bool:
        return item["Name"] == inputs["name"]

    def parent(self, inputs: Values) -> dict[str, str]:
        return {}

    def name_in(self, id: str) -> str:
        return self.client({}).get_api(ApiId=id)["Name"]

    def outputs(self, found: Values, inputs: Values) -> Values:
        api = found["ApiId"]
        return {
            "name": found["Name"],
            "apiEndpoint": front_door() or found["ApiEndpoint"],
            "executionArn": self.cloud.arn("execute-api", api, self.region_of(inputs)),
            "arn": f"arn:{self.cloud.partition}:apigateway:{self.region_of(inputs)}::/apis/{api}",
            "tagsAll": inputs.get("tags") or {},
        }


class Integration(HttpApiPart):
    noun = "integration"
    member = "IntegrationId"
    rename: ClassVar = {"timeoutMilliseconds": "TimeoutInMillis"}

    def is_it(self, item: Values, inputs: Values) -> bool:
        return item.get("IntegrationUri") == inputs.get("integrationUri")


class Route(HttpApiPart):
    noun = "route"
    member = "RouteId"
    identity = ("apiId", "routeKey")

    def is_it(self, item: Values, inputs: Values) -> bool:
        return item["RouteKey"] == inputs["routeKey"]


class Stage(HttpApiPart):
    named = "name"
    noun = "stage"
    member = "StageName"
    tagged = True
    immutable = frozenset({"apiId", "name"})
    identity = ("apiId", "name")
    rename: ClassVar = {"name": "StageName"}
    not_updated = ("tags",)

    def change(self, known: Known, inputs: Values) -> Values:
        if known.inputs.get("accessLogSettings") and not inputs.get("accessLogSettings"):
            self.client(inputs).delete_access_log_settings(**self.key(known.id, inputs))
        outputs = super().change(known, inputs)
        self.retag(known, inputs, outputs["arn"])
        return outputs

    def is_it(self, item: Values, inputs: Values) -> bool:
        return item["StageName"] == inputs["name"]

    def outputs(self, found: Values, inputs: Values) -> Values:
        api, stage, region = inputs["apiId"], found["StageName"], self.region_of(inputs)
        return {
            "name": stage,
            "arn": f"arn:{self.cloud.partition}:apigateway:{region}::/apis/{api}/stages/{stage}",
            "executionArn": self.cloud.arn("execute-api", f"{api}/{stage}", region),
            "invokeUrl": invoke_url(api, stage),
            "tagsAll": inputs.get("tags") or {},
        }

    def _for_api(self, inputs: Values) -> Values:
        """Settings of single routes are a list in Pulumi and a map by route in the API."""
        if not inputs.get("routeSettings"):
            return inputs
        settings: dict[str, Any] = {
            item["routeKey"]: {key[0].upper() + key[1:]: value for key, value in item.items() if key != "routeKey"}
            for item in inputs["routeSettings"]
        }
        return {**inputs, "routeSettings": settings}


def invoke_url(api: str, stage: str) -> str:
    """Where a stage is called: at the front door, or else at the emulator's own path for it. A default stage's ends
    with a slash, as on AWS."""
    base = front_door()
    if base is None:
        return f"{os.environ.get('AWS_ENDPOINT_URL', '').rstrip('/')}/_aws/execute-api/{api}/{stage}/"
    return f"{base}/" if stage == DEFAULT_STAGE else f"{base}/{stage}"
