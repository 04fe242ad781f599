"""S3 buckets."""

from typing import Any, ClassVar

from embedded.providers.aws import AwsProvider, tag_list
from embedded.providers.contract import Known, Values

WITHOUT_LOCATION = "us-east-1"  # the region S3 refuses to be told
KEYS_PER_DELETE = 1000  # DeleteObjects' limit
HOSTED_ZONES = {"us-east-1": "Z3AQBSTGFYJSTF", "eu-west-1": "Z1BKCTXD74EZPE", "eu-central-1": "Z21DNDUVLTQW6Q"}


class Bucket(AwsProvider):
    service = "s3"
    named = "bucket"
    tagged = True
    immutable = frozenset({"bucket", "objectLockEnabled"})
    identity = ("bucket",)
    rename: ClassVar = {"objectLockEnabled": "ObjectLockEnabledForBucket"}
    aside = ("forceDestroy", "tags")

    def make(self, inputs: Values) -> tuple[str, Values]:
        region = self.region_of(inputs)
        location = {} if region == WITHOUT_LOCATION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.client(inputs).create_bucket(**self.fit("create_bucket", inputs), **location)
        name = inputs["bucket"]
        return name, self.change(Known(name, {}, {}), inputs)

    def change(self, known: Known, inputs: Values) -> Values:
        client, name, region = self.client(inputs), inputs["bucket"], self.region_of(inputs)
        if inputs.get("tags"):
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(inputs["tags"])})
        elif known.inputs.get("tags"):
            client.delete_bucket_tagging(Bucket=name)
        return {
            "bucket": name,
            "arn": f"arn:{self.cloud.partition}:s3:::{name}",
            "bucketRegion": region,
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "hostedZoneId": HOSTED_ZONES.get(region, ""),
            "tagsAll": inputs.get("tags") or {},
        }

    def remove(self, known: Known) -> None:
        client = self.client(known.inputs)
        if known.inputs.get("forceDestroy"):
            empty(client, known.id)
        client.delete_bucket(Bucket=known.id)

    def look_up(self, inputs: Values) -> str | None:
        self.client(inputs).head_bucket(Bucket=inputs["bucket"])
        return inputs["bucket"]


def empty(client: Any, bucket: str) -> None:
    """Removes every version of every object, and uploads that were never finished."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        for start in range(0, len(versions), KEYS_PER_DELETE):
            keys = [
                {"Key": version["Key"], "VersionId": version["VersionId"]}
                for version in versions[start : start + KEYS_PER_DELETE]
            ]
            failed = client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True}).get("Errors")
            if failed:
                raise ValueError(f"{len(failed)} objects can not be deleted, the first: {failed[0]}")
    for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
