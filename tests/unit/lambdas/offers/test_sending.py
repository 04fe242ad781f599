"""Which answers of SES an offer waits for."""

import pytest
from botocore.exceptions import ClientError
from offers.sending import passes


def answer(code: str, status: int, message: str = "") -> ClientError:
    said = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "SendEmail")  # pyright: ignore[reportArgumentType]  # part of an answer


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("TooManyRequestsException", 429),
        ("ThrottlingException", 400),
        ("Throttling", 400),
        ("Unheard", 429),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
        ("Unheard", 599),
    ],
)
def test_what_will_pass_is_waited_for(code: str, status: int):
    assert passes(answer(code, status, "Maximum sending rate exceeded."))


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccountSuspendedException", 400),
        ("SendingPausedException", 400),
        ("MessageRejected", 400),
        ("MailFromDomainNotVerifiedException", 400),
        ("LimitExceededException", 400),
        ("NotFoundException", 404),
        ("BadRequestException", 400),
        ("AccessDeniedException", 403),
        ("Unheard", 400),
    ],
)
def test_what_ses_will_say_again_is_not(code: str, status: int):
    assert not passes(answer(code, status))


def test_the_quota_of_a_day_is_no_matter_of_seconds():
    assert not passes(answer("ThrottlingException", 400, "Daily message quota exceeded."))
    assert not passes(answer("TooManyRequestsException", 429, "Daily sending quota exceeded"))


def test_an_answer_without_a_status_is_judged_by_its_code():
    assert passes(ClientError({"Error": {"Code": "Throttling"}}, "SendEmail"))
    assert not passes(ClientError({"Error": {"Code": "MessageRejected"}}, "SendEmail"))
