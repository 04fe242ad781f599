"""Which answers of SES an offer waits for, and how long for none."""

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from offers.sending import SILENCE_SECONDS, Mailer, Silent, passes

from shared.effects import Effect

OFFER = Effect(
    "offer", "OfferSent", "u1", (), 0, {"items": [], "discount_percent": 10, "valid_until": "2025-11-29T02:16:17Z"}
)


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


class Deaf:
    """SES that does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error, self.asked = error, 0

    def send_email(self, **_message: object) -> None:
        self.asked += 1
        raise self.error


def test_a_batch_waits_for_one_time_out_of_ses_and_a_later_attempt_asks_again():
    now = 0.0
    ses = Deaf(ReadTimeoutError(endpoint_url="https://ses"))
    mailer = Mailer(ses, "offers@example.org", lambda: now)
    with pytest.raises(BotoCoreError):
        mailer.send("ann@example.org", OFFER, "CODE")
    now = SILENCE_SECONDS - 1
    with pytest.raises(Silent):
        mailer.send("bob@example.org", OFFER, "CODE")
    assert ses.asked == 1
    now = SILENCE_SECONDS
    with pytest.raises(BotoCoreError):
        mailer.send("bob@example.org", OFFER, "CODE")
    assert ses.asked == 2


def test_an_answer_even_a_bad_one_keeps_nobody_silent():
    ses = Deaf(answer("TooManyRequestsException", 429))
    mailer = Mailer(ses, "offers@example.org")
    for _ in range(2):
        with pytest.raises(ClientError):
            mailer.send("ann@example.org", OFFER, "CODE")
    assert ses.asked == 2
