-- One row a search in the shop.
{{ config(materialized='view') }}
{{ searches(ref('logs')) }}
