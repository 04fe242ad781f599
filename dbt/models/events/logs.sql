-- One row an event, with the session it belongs to. An increment holds the events that came since the last run, and the
-- events of sessions that they change.
{{ config(
    materialized='incremental', unique_key='request_id',
    pre_hook=[
        '{{ later_column_comes("promotion_action", "varchar") }}',
        '{{ later_column_comes("has_impressions", "boolean") }}',
    ]
) }}
{{ changed_logs(existing=this if is_incremental() else none) }}
