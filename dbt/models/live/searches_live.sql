-- EVENTS.SEARCHES as the next run will leave it.
{{ config(alias='searches') }}
{{ searches(ref('logs_live')) }}
