-- One row a page seen.
{{ config(materialized='view') }}

select
    logs.log_id as id
    , logs.*
from {{ ref('logs') }} as logs
where logs.hit_type = 'pageview'
