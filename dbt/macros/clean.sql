{# Text without surrounding spaces; NULL where nothing is left. #}
{% macro clean(value) -%}nullif(trim({{ value }}), ''){%- endmacro %}

{# The first of several texts that says something. #}
{% macro first_of(values) -%}
    coalesce({% for value in values %}{{ clean(value) }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
