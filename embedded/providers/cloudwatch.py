"""CloudWatch alarms and dashboards."""

# ruff: noqa: ARG002 - all resource types are called alike

from typing import Any, ClassVar

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.cloud import text
from embedded.providers.contract import Known, Values

STATISTIC_MEMBERS = ("metricName", "namespace", "dimensions")


class MetricAlarm(AwsProvider):
    service = "cloudwatch"
    tagged = True
    immutable = frozenset({"name"})
    identity = ("name",)
    rename: ClassVar = {
        "name": "AlarmName",
        "metricQueries": "Metrics",
        "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    }

    def make(self, inputs: Values) -> tuple[str, Values]:
        return inputs["name"], self._put(inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        """A put replaces everything but the tags."""
        outputs = self._put({key: value for key, value in inputs.items() if key != "tags"})
        tags, gone = self.tag_changes(known, inputs)
        if gone:
            self.client(inputs).untag_resource(ResourceARN=outputs["arn"], TagKeys=gone)
        if tags:
            self.client(inputs).tag_resource(ResourceARN=outputs["arn"], Tags=tag_list(tags))
        return {**outputs, "tagsAll": tags}

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_alarms(AlarmNames=[known.id])

    def look_up(self, inputs: Values) -> str | None:
        found = self.client(inputs).describe_alarms(AlarmNames=[inputs["name"]])["MetricAlarms"]
        return found[0]["AlarmName"] if found else None

    def _put(self, inputs: Values) -> Values:
        wanted = {**inputs}
        if queries := inputs.get("metricQueries"):
            wanted["metricQueries"] = [_query(query) for query in queries]
        self.client(inputs).put_metric_alarm(**self.fit("put_metric_alarm", wanted))
        return {
            "name": inputs["name"],
            "arn": self.arn(inputs, f"alarm:{inputs['name']}"),
            "tagsAll": inputs.get("tags") or {},
        }


class Dashboard(AwsProvider):
    service = "cloudwatch"
    named = "dashboardName"
    immutable = frozenset({"dashboardName"})
    identity = ("dashboardName",)

    def make(self, inputs: Values) -> tuple[str, Values]:
        wanted = {**inputs, "dashboardBody": text(inputs["dashboardBody"])}
        problems = (
            self.client(inputs).put_dashboard(**self.fit("put_dashboard", wanted)).get("DashboardValidationMessages")
        )
        if problems:
            raise ValueError(f"the dashboard is not valid: {problems[0].get('Message')}")
        name = inputs["dashboardName"]
        return name, {
            "dashboardName": name,
            "dashboardArn": f"arn:{self.cloud.partition}:cloudwatch::{self.cloud.account}:dashboard/{name}",
        }

    def change(self, known: Known, inputs: Values) -> Values:
        return self.make(inputs)[1]

    def remove(self, known: Known) -> None:
        self.client(known.inputs).delete_dashboards(DashboardNames=[known.id])

    def look_up(self, inputs: Values) -> str | None:
        return self.client(inputs).get_dashboard(DashboardName=inputs["dashboardName"])["DashboardName"]


def _query(query: Values) -> dict[str, Any]:
    """The API nests what names a metric one level deeper than Pulumi does."""
    if not query.get("metric"):
        return query
    names = {key: value for key, value in query["metric"].items() if key in STATISTIC_MEMBERS}
    rest = {key: value for key, value in query["metric"].items() if key not in STATISTIC_MEMBERS}
    return {**{key: value for key, value in query.items() if key != "metric"}, "metricStat": {**rest, "metric": names}}
