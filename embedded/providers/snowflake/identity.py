"""Who the embedded Snowflake account is to AWS: an IAM user in an AWS account of its own, as at Snowflake.

A storage integration's role must trust this user and the integration's external id, and whoever reads a stage has to
assume the role as this user. The emulator takes twelve digits as the access key of that account's root
(`ministack.core.iam_evaluator.is_root_access_key`), so that no key needs to be kept anywhere: each process makes one.
"""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

AWS_ACCOUNT = "111122223333"  # AWS's example account: not the stack's
USER = "headrace-snowflake"
USER_ARN = f"arn:aws:iam::{AWS_ACCOUNT}:user/{USER}"
POLICY = "assume-roles"


def create() -> str:
    """Makes the user unless it stands; returns its ARN."""
    iam = _root()
    try:
        iam.create_user(UserName=USER)
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=USER, PolicyName=POLICY, PolicyDocument=document)
    return USER_ARN


def delete() -> None:
    """Removes the user and its keys; one that is gone is no error."""
    iam = _root()
    try:
        for key in iam.list_access_keys(UserName=USER)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=USER, PolicyName=POLICY)
        iam.delete_user(UserName=USER)
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "NoSuchEntity":
            raise


def session() -> boto3.Session:
    """A session as this user, with a new access key. Raises ClientError (NoSuchEntity) without any integration."""
    key = _root().create_access_key(UserName=USER)["AccessKey"]
    return boto3.Session(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])


def _root() -> Any:
    return boto3.client("iam", aws_access_key_id=AWS_ACCOUNT, aws_secret_access_key="unchecked")  # noqa: S106
