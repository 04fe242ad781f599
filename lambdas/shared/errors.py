"""What a log may say of an error."""

from botocore.exceptions import ClientError


def error_code(error: Exception) -> str:
    """AWS's code, or the exception's type. Never its message, which could quote a person's data."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"]
    return type(error).__name__
