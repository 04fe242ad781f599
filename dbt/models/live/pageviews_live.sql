-- EVENTS.PAGEVIEWS as the next run will leave it.
{{ config(alias='pageviews') }}
{{ pageviews(ref('logs_live')) }}
