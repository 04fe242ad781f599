"""Access log lines in the stage's own format."""

from embedded.runtime.access_log import formatted


def test_known_variables_are_filled_in_and_unknown_ones_become_a_dash():
    form = '{"status":"$context.status","ip":"$context.identity.sourceIp","x":"$context.authorizer.claim"}'
    values = {"status": 200, "identity.sourceIp": "127.0.0.1"}
    assert formatted(form, values) == '{"status":"200","ip":"127.0.0.1","x":"-"}'
