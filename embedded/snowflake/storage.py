"""How the embedded Snowflake account reads a bucket: as the IAM user it has with AWS, assuming the integration's role.

As with the real one, the role must trust that user and ask for the integration's external id. The user belongs to
Snowflake, not to the stack: it is made here, in the AWS account its ARN names, when it is first needed.
"""

import json
import os
import threading
import time
from typing import Any

import boto3
from botocore.config import Config

from embedded.snowflake.catalogue import Catalogue, quoted

RENEW_SECONDS = 300.0
CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5, read_timeout=60)
MAY_ASSUME = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}


class Storage:
    """Clients of S3 with the rights of storage integrations. Safe to use from several threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._users: dict[str, Any] = {}
        self._clients: dict[str, tuple[float, Any]] = {}

    def client(self, integration: str) -> Any:
        """An S3 client for an integration by its name. Raises KeyError where there is none, ClientError where the
        role does not let Snowflake in."""
        with self._lock:
            made, client = self._clients.get(integration, (0.0, None))
            if client is None or time.monotonic() - made > RENEW_SECONDS:
                client = self._assume(integration)
                self._clients[integration] = (time.monotonic(), client)
            return client

    def forget(self, integration: str) -> None:
        """Has the role assumed anew at the next use."""
        with self._lock:
            self._clients.pop(integration, None)

    def _assume(self, integration: str) -> Any:
        properties = self._catalogue.get("STORAGE INTEGRATION", quoted(integration))
        described = properties["describeOutputs"][0]
        given = self._user(described["iamUserArn"]).assume_role(
            RoleArn=properties["storageAwsRoleArn"],
            RoleSessionName="snowflake",
            ExternalId=described["externalId"],
        )["Credentials"]
        return boto3.client(
            "s3",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            config=CONFIG,
        )

    def _user(self, arn: str) -> Any:
        """An STS client of the user, which is made if it is not there."""
        if arn not in self._users:
            account, name = arn.split(":")[4], arn.rpartition("/")[2]
            # The emulator takes an account's number for the access key of its root.
            iam = boto3.client(
                "iam",
                aws_access_key_id=account,
                aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
                config=CONFIG,
            )
            try:
                iam.create_user(UserName=name)
            except iam.exceptions.EntityAlreadyExistsException:
                for old in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
                    iam.delete_access_key(UserName=name, AccessKeyId=old["AccessKeyId"])
            iam.put_user_policy(UserName=name, PolicyName="assume", PolicyDocument=json.dumps(MAY_ASSUME))
            key = iam.create_access_key(UserName=name)["AccessKey"]
            self._users[arn] = boto3.client(
                "sts",
                aws_access_key_id=key["AccessKeyId"],
                aws_secret_access_key=key["SecretAccessKey"],
                config=CONFIG,
            )
        return self._users[arn]
