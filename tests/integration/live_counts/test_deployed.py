"""Live counts as the program deploys them: the functions' own roles and streams, from a hit to the files."""

import json
from typing import Any

import boto3
import urllib3

from tests.integration.waiting import until


def test_a_visitor_is_counted_where_their_last_hit_says_and_is_in_the_files(deployed: dict[str, Any]):
    hits = ("t=pageview", "t=event&pa=detail&pr1id=1", "t=event&pa=checkout")
    for number, hit in enumerate(hits):
        url = f"{deployed['collect_url']}?v=1&tid=UA-1&cid=live-counts&z={number}&{hit}"
        assert urllib3.request("GET", url, timeout=30.0).status == 200
    dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")

    def level() -> str:
        key = {"playerId": {"S": "live-counts"}}
        row = dynamodb.get_item(TableName=deployed["live_counts_players_table"], Key=key).get("Item", {})
        return row.get("levelId", {}).get("S", "")

    until(lambda: level() == "checkout")
    run("live-counts-prune")
    assert level() == "checkout"
    # Nothing of the schedule's own runs is lost either, but this one's file has all that waited.
    run("live-counts-flush")
    key = f"{deployed['live_counts_prefix']}level_information.json"
    written = json.load(s3.get_object(Bucket=deployed["bucket"], Key=key)["Body"])
    assert written["level_player_counts"]["checkout"] >= 1


def run(name: str) -> None:
    """Invokes a function as its schedule does."""
    functions = boto3.client("lambda")
    pages = functions.get_paginator("list_functions").paginate()
    (found,) = [one["FunctionName"] for page in pages for one in page["Functions"] if name in one["FunctionName"]]
    answer = functions.invoke(FunctionName=found, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
