-- The shop's figures a day (UTC).
{{ overview('day') }}
