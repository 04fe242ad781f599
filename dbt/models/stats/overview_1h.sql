-- The shop's figures an hour (UTC).
{{ config(
    materialized='incremental', unique_key="date_trunc('day', timestamp)",
    post_hook=['{{ outdated_rows_go() }}', '{{ days_without_hits_go() }}']
) }}
{{ overview('hour', renewed_days(this if is_incremental() else none)) }}
