-- EVENTS.EVENTS as the next run will leave it.
{{ config(alias='events') }}
{{ events(ref('logs_live')) }}
