"""The errors of Firehose's API, as its clients know them."""


class ApiError(Exception):
    """An answer that is no success. `code` is the exception's name in AWS's API, `status` the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def invalid(message: str) -> ApiError:
    """A parameter that fits its type and still can not be."""
    return ApiError("InvalidArgumentException", message)


def validation(message: str) -> ApiError:
    """A parameter outside the bounds the API's model gives it."""
    return ApiError("ValidationException", message)


def not_found(stream: str, account: str) -> ApiError:
    """There is no such delivery stream."""
    return ApiError("ResourceNotFoundException", f"Firehose {stream} under account {account} not found.")
