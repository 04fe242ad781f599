"""How the embedded Snowflake account reads a bucket: as the IAM user it has with AWS, assuming the integration's role.

As with the real one, the role must trust that user, and may ask for the integration's external id.
"""

import threading
import time
from typing import Any

import boto3
from botocore.config import Config

from embedded.providers.snowflake import identity
from embedded.snowflake.catalogue import Catalogue, quoted

RENEW_SECONDS = 300.0
CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5, read_timeout=60)


class Storage:
    """Clients of S3 with the rights of storage integrations. Safe to use from several threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._user: boto3.Session | None = None
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
            self._user = None  # its key may be gone, with the integration it was made for

    def _assume(self, integration: str) -> Any:
        properties = self._catalogue.get("STORAGE INTEGRATION", quoted(integration))
        if self._user is None:
            self._user = identity.session()
        given = self._user.client("sts", config=CONFIG).assume_role(
            RoleArn=properties["storageAwsRoleArn"],
            RoleSessionName="snowflake",
            ExternalId=properties["describeOutputs"][0]["externalId"],
        )["Credentials"]
        return boto3.client(
            "s3",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            config=CONFIG,
        )
