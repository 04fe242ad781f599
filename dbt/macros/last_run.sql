{#
    Data tests look at the rows that the last run wrote, because those before were looked at then: so what a test costs
    depends on what changed, not on history. The project's tests are set to `where: __last_run__`; with the variable
    `test_all_rows` they look at all rows.
#}

{# Overrides dbt's macro of this name: what a generic test selects from. #}
{% macro get_where_subquery(relation) -%}
    {% set where = config.get('where') %}
    {% if where == '__last_run__' %}
        {% do return(rows_of_last_run(relation) ~ ' as tested') %}
    {% elif where %}
        {% do return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') as tested') %}
    {% endif %}
    {% do return(relation) %}
{%- endmacro %}

{# The rows of `relation` that the last run wrote, to select from; all of them under `test_all_rows`. #}
{% macro rows_of_last_run(relation) -%}
    {%- if var('test_all_rows') -%}
        {{ relation }}
    {%- else -%}
        (select * from {{ relation }} where created_at >= (select max(created_at) from {{ relation }}))
    {%- endif -%}
{%- endmacro %}

{# The days that the calendar of statistics made anew in the last run; all of them under `test_all_rows`. #}
{% macro days_of_last_run() -%}
    select timestamp as day from {{ rows_of_last_run(ref('overview_1d')) }} as written
{%- endmacro %}

{# For a test that compares two CTEs with the same columns: the rows of each that the other has not. #}
{% macro differences(one, other) -%}
(select '{{ one }}' as only_in, * from {{ one }} except select '{{ one }}', * from {{ other }})
union all
(select '{{ other }}' as only_in, * from {{ other }} except select '{{ other }}', * from {{ one }})
{%- endmacro %}
