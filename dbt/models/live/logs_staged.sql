-- Events that came after the last run, and those of sessions that they change: what the next run adds to EVENTS.LOGS.
{{ config(alias='logs_staged') }}
{{ changed_logs(existing=ref('logs'), created_at=utc_now()) }}
