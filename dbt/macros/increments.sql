{#
    How a run finds what changed. Every row that a run writes carries the run's own time as `created_at`, so the rows of
    a table that a later model has not seen are those with a later `created_at` than it has itself. Whatever stopped a
    run half-way, the next one goes on from there.

    Ranges are given as a list of the times in them, to be joined by equality: both engines then skip the parts of a
    table that hold none of these times, which they do not do for a comparison with a subquery.
#}

{# The time of this run, UTC: one value in all models. #}
{% macro this_run() -%}
    cast('{{ run_started_at.astimezone(modules.pytz.utc).strftime("%Y-%m-%d %H:%M:%S.%f") }}' as {{ timestamp_type() }})
{%- endmacro %}

{# The runs whose rows of `relation` the incremental model `seen_by` has not seen. #}
{% macro unseen_runs(relation, seen_by) -%}
    select distinct created_at
    from {{ relation }}
    {%- if seen_by %}
    where created_at > coalesce((select max(created_at) from {{ seen_by }}), cast('1970-01-01' as {{ timestamp_type() }}))
    {%- endif %}
{%- endmacro %}

{#
    The load times of RAW.LOGS at which something can have come that `logs` has not seen. A load becomes visible some
    time after the time that its rows carry, so the last ones are looked at again; what is known is not taken twice.
#}
{% macro unseen_loads(logs) -%}
    select distinct loaded_at
    from {{ ref('stg_logs') }}
    {%- if logs %}
    where loaded_at >= coalesce(
        (select max(loaded_at) - interval '{{ var("load_lookback_minutes") }} minutes' from {{ logs }})
        , cast('1970-01-01' as {{ timestamp_type() }})
    )
    {%- endif %}
{%- endmacro %}
