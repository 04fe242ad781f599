"""What S3's messages announce, and what they do not."""

import json

import pytest

from embedded.runtime.announcements import Announced, announced_by


def message(name: str, key: str = "raw/a+b%2Bc.gz") -> str:
    entity = {"key": key, "size": 5, "eTag": "e", "sequencer": "01"}
    return json.dumps({"Records": [{"eventName": name, "s3": {"bucket": {"name": "lake"}, "object": entity}}]})


@pytest.mark.parametrize("name", ["ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload"])
def test_a_new_object_is_announced_with_its_key_as_it_is_in_the_bucket(name):
    assert announced_by(message(name)) == [Announced("lake", "raw/a b+c.gz", "e", 5, ("01", "raw/a b+c.gz"))]


@pytest.mark.parametrize("body", [message("ObjectRemoved:Delete"), '{"Event": "s3:TestEvent"}', "no JSON", "[]", "1"])
def test_anything_else_announces_nothing(body):
    assert announced_by(body) == []
