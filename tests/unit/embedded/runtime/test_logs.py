"""No line is lost for a moment in which it can not be written, and none keeps the others from being written."""

from embedded.runtime.logs import REFUSALS, Logs

REFUSED = (400, b'{"__type": "ResourceNotFoundException"}')


def written(service) -> list[str]:
    return [event["message"] for call in service.given("PutLogEvents") for event in call["logEvents"]]


def test_lines_are_written_over_a_connection_that_was_ended_meanwhile(service):
    logs = Logs()
    for number in range(3):
        logs.add("group", "stream", [str(number)])
        logs.flush()
    assert written(service) == ["0", "1", "2"]


def test_lines_that_could_not_be_written_are_written_before_later_ones(service):
    logs = Logs()
    logs.add("group", "stream", ["0"])
    service.answers.extend([(200, b"{}"), None])  # the stream is made, the first attempt is not answered
    logs.flush()
    logs.add("group", "stream", ["1"])
    logs.flush()
    assert written(service)[-2:] == ["0", "1"]


def test_lines_of_a_group_that_is_gone_are_given_up_and_others_are_not(service):
    logs = Logs()
    logs.add("gone", "stream", ["lost"])
    for _ in range(REFUSALS):
        service.answers.append(REFUSED)
        logs.flush()
    logs.add("group", "stream", ["kept"])
    logs.flush()
    assert written(service) == ["kept"]


def test_what_is_no_unicode_does_not_end_the_log(service):
    logs = Logs()
    logs.add("group", "stream", ["agent \udcff", "next"])
    logs.start()
    logs.stop()
    assert written(service) == ["agent ?", "next"]
