{#
    Statistics are made a day at a time: a day with a change anywhere in it is made anew, whole. So no figure depends on
    how the day's events came in, and what a run does depends on the days that changed, not on history.

    `overview_1d` is the calendar. A day is stale where it is missing there, or where one of the tables below has rows
    that were written later than its own, or has lost some. The other statistics follow the calendar: stale for them are
    the days it made anew since they were last made. Wherever a run was stopped, the next one goes on from there.
#}

{# The days on which the tables below differ from what `calendar` was made from; without `calendar`, all with a hit. #}
{% macro changed_days(calendar) %}
{%- if not calendar -%}
select distinct date_trunc('day', occurred_at) as day from {{ ref('logs') }}
{%- else -%}
select logs.day
from ({{ rows_by_day(ref('logs')) }}) as logs
left join ({{ rows_by_day(ref('product_actions')) }}) as product_actions on logs.day = product_actions.day
left join ({{ rows_by_day(ref('purchases')) }}) as purchases on logs.day = purchases.day
left join ({{ days_of_items() }}) as items on logs.day = items.day
left join {{ calendar }} as built on logs.day = built.timestamp
where
    built.timestamp is null
    or built.created_at < logs.last_written
    or built.created_at < product_actions.last_written
    or built.created_at < purchases.last_written
    or built.created_at < items.last_written
    or built.hits <> logs.row_count
    or built.transactions <> coalesce(purchases.row_count, 0)
{%- endif -%}
{% endmacro %}

{% macro rows_by_day(relation) -%}
    select date_trunc('day', occurred_at) as day, count(*) as row_count, max(created_at) as last_written
    from {{ relation }}
    group by date_trunc('day', occurred_at)
{%- endmacro %}

{#
    Whether an item of the older e-commerce counts depends on its transaction and on the other items of that, which may
    have happened on another day: when any of these was written last, by the items' days.
#}
{% macro days_of_items() -%}
    select date_trunc('day', items.occurred_at) as day, max(told.last_written) as last_written
    from {{ ref('product_actions') }} as items
    inner join (
        select transaction_id, max(created_at) as last_written
        from (
            select transaction_id, created_at from {{ ref('product_actions') }} where hit_type = 'item'
            union all
            select transaction_id, created_at from {{ ref('purchases') }} where hit_type = 'transaction'
        ) as parts
        group by transaction_id
    ) as told on items.transaction_id = told.transaction_id
    where items.hit_type = 'item'
    group by date_trunc('day', items.occurred_at)
{%- endmacro %}

{# The days that the calendar made anew since `model` was last made; without `model`, all. #}
{% macro renewed_days(model) %}
select timestamp as day from {{ ref('overview_1d') }}
{%- if model %}
where created_at > {{ last_made(model) }}
{%- endif %}
{% endmacro %}

{# When a table's newest row was made. #}
{% macro last_made(model) -%}
    coalesce((select max(created_at) from {{ model }}), cast('1970-01-01' as {{ timestamp_type() }}))
{%- endmacro %}

{#
    Joins `relation` with the days of the CTE `days`, by `time`. The bound is for the engine, which can then leave out the
    parts of a table that are older than all of them.
#}
{% macro on_days(relation, days='stale_days', time='occurred_at') -%}
    (
        select * from {{ relation }} where {{ time }} >= (select min(day) from {{ days }})
    ) as happened
    inner join {{ days }} on date_trunc('day', happened.{{ time }}) = {{ days }}.day
{%- endmacro %}

{# A hook of the calendar, before: deletes the days of which no hit is left. #}
{% macro empty_days_go() %}
{% if is_incremental() %}
delete from {{ this }}
where timestamp not in (select distinct date_trunc('day', occurred_at) from {{ ref('logs') }})
{% endif %}
{% endmacro %}

{#
    Hooks of the models that follow the calendar, after. A run puts a stale day's new rows in the place of the old ones
    in one step; but a day of which nothing is left to tell has no new rows. So rows go that are older than their day in
    the calendar, or whose day is not in it any more.
#}
{% macro outdated_rows_go() %}
delete from {{ this }} as statistics
using {{ ref('overview_1d') }} as calendar
where date_trunc('day', statistics.timestamp) = calendar.timestamp and statistics.created_at < calendar.created_at
{% endmacro %}

{% macro days_without_hits_go() %}
delete from {{ this }}
where date_trunc('day', timestamp) not in (select timestamp from {{ ref('overview_1d') }})
{% endmacro %}
