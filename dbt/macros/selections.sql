{# The tables that are a choice of the rows of `logs`: in EVENTS of those processed, in EVENTS_LIVE of all. #}

{% macro events(logs) -%}
select
    logs.log_id as id
    , logs.*
from {{ logs }} as logs
where logs.hit_type = 'event' and logs.event_category is not null
{%- endmacro %}

{% macro pageviews(logs) -%}
select
    logs.log_id as id
    , logs.*
from {{ logs }} as logs
where logs.hit_type = 'pageview'
{%- endmacro %}

{% macro searches(logs) -%}
select
    logs.log_id as id
    , logs.*
from {{ logs }} as logs
where logs.search_term is not null
{%- endmacro %}
