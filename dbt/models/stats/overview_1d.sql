-- The shop's figures a day (UTC), and the calendar of the other statistics: a day that changed is made anew here first.
{{ config(materialized='incremental', unique_key='timestamp', pre_hook='{{ empty_days_go() }}') }}
{{ overview('day', changed_days(this if is_incremental() else none)) }}
