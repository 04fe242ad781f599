-- One row an event with a category (Google Analytics' `t=event`).
{{ config(materialized='view') }}
{{ events(ref('logs')) }}
