"""The S3 bucket that keeps every event as it arrived: what everything else can be rebuilt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

from infrastructure.components.policies import document

RAW, BAD, SPILL, ERRORS, RECOVERED = "raw/", "bad/", "spill/", "errors/", "recovered/"
RECOVERED_HITS = f"{RECOVERED}hits/"
SPILL_ERRORS = f"{ERRORS}{SPILL}"
LOYALTY, LIVE_COUNTS = "loyalty/", "live_counts/"
PREFIXES = {
    RAW: "events as collected, one envelope a line",
    BAD: "rows that could not be accepted, with the reason",
    SPILL: "events that a stream refused, until they are put again",
    ERRORS: "what Firehose could not deliver, and under spill/ what no stream will ever take",
    RECOVERED: "which bad rows have been mended and sent again, by their hashes",
    RECOVERED_HITS: "hits on their way back",
    LOYALTY: "files of members and conversions that people drop, and what was taken of each",
    LIVE_COUNTS: "who is at which level now, written every minute",
}


@dataclass(frozen=True, kw_only=True)
class EventLakeArgs:
    """How long things are kept, in days; `raw_days` None keeps events for ever.

    force_destroy: whether `destroy` may delete a bucket that still holds events.
    """

    force_destroy: bool = False
    raw_days: int | None = None
    raw_infrequent_access_days: int = 30
    bad_days: int = 90


class EventLake(pulumi.ComponentResource):
    """One bucket: encrypted, versioned, private, TLS only, with a lifecycle for each prefix."""

    def __init__(self, name: str, args: EventLakeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("headrace:lake:EventLake", name, None, opts)
        child = ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(f"{name}-bucket", force_destroy=args.force_destroy, opts=child)
        self.name, self.arn = self.bucket.bucket, self.bucket.arn
        closed = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=self.name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=self.name,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=self.name,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=child,
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=self.name,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=self.name,
            rules=lifecycle_rules(args),
            opts=ResourceOptions(parent=self, depends_on=[versioning]),
        )
        aws.s3.BucketPolicy(
            f"{name}-tls-only",
            bucket=self.name,
            policy=tls_only(self.arn),
            opts=ResourceOptions(parent=self, depends_on=[closed]),  # S3 refuses both changes at one time
        )
        self._child = child
        self._told: list[aws.s3.BucketNotificationQueueArgsDict] = []
        self._after: list[pulumi.Resource] = []
        self.register_outputs({"bucket": self.name})

    def tell(self, queue_arn: pulumi.Input[str], prefix: str, after: Sequence[pulumi.Resource] = ()) -> None:
        """Has S3 tell a queue of each new object under a prefix, once `notify` is called. after: what allows it to."""
        self._told.append({"queue_arn": queue_arn, "events": ["s3:ObjectCreated:*"], "filter_prefix": prefix})
        self._after += after

    def notify(self) -> None:
        """Makes the notifications. A bucket has one configuration of them, so this comes after every `tell`."""
        if self._told:
            aws.s3.BucketNotification(
                "lake-notification",
                bucket=self.name,
                queues=self._told,
                opts=ResourceOptions.merge(self._child, ResourceOptions(depends_on=self._after)),
            )

    def objects(self, prefix: str) -> pulumi.Output[str]:
        """The ARN of all objects under a prefix."""
        return pulumi.Output.concat(self.arn, "/", prefix, "*")


def lifecycle_rules(args: EventLakeArgs) -> list[aws.s3.BucketLifecycleConfigurationRuleArgsDict]:
    """What S3 does with old objects. Superseded versions and unfinished uploads go within a week."""
    expire_after = {
        RAW: args.raw_days,
        BAD: args.bad_days,
        ERRORS: args.bad_days,
        SPILL: None,
        RECOVERED: None,  # a row may be written anew, and so outlive any number of days
        RECOVERED_HITS: args.bad_days,
        LOYALTY: args.bad_days,  # lists of people: what was taken of them is in the table
        LIVE_COUNTS: None,
    }
    rules: list[aws.s3.BucketLifecycleConfigurationRuleArgsDict] = []
    for prefix, days in expire_after.items():
        rule: aws.s3.BucketLifecycleConfigurationRuleArgsDict = {
            "id": prefix.rstrip("/"),
            "status": "Enabled",
            "filter": {"prefix": prefix},
            "noncurrent_version_expiration": {"noncurrent_days": 7},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        }
        if days is not None:
            rule["expiration"] = {"days": days}
        if prefix == RAW and (days is None or days > args.raw_infrequent_access_days):
            rule["transitions"] = [{"days": args.raw_infrequent_access_days, "storage_class": "STANDARD_IA"}]
        rules.append(rule)
    return rules


def tls_only(bucket_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """A bucket policy that denies every request without TLS."""
    return document(
        [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    )
