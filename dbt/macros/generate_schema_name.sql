{# Schemas are named exactly as the models ask (EVENTS, STATS), not `<target schema>_EVENTS` as dbt would by default. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
