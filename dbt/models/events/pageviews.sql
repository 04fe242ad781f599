-- One row a page seen.
{{ config(materialized='view') }}
{{ pageviews(ref('logs')) }}
