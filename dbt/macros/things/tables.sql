{#
   Tables of what hits tell of more than once. `things` names one, and the macro that reads its rows from rows of `logs`:
   product_actions, product_impressions, promotions.
#}

{# Which rows of `logs` tell of any. #}
{% macro tells_of(things) %}
    {{ return({
        'product_actions': 'product_action is not null',
        'product_impressions': 'has_impressions',
        'promotions': 'promotion_action is not null',
    }[things]) }}
{% endmacro %}

{# The table: an increment holds the hits that changed. #}
{% macro things_table(things) %}
with unseen as (
    {{ unseen_runs(ref('logs'), this if is_incremental() else none) }}
)

, hits as (
    select logs.*
    from {{ ref('logs') }} as logs
    inner join unseen on logs.created_at = unseen.created_at
    where {{ tells_of(things) }}
)

select * from ({{ context[things]('hits') }}) as things
{% endmacro %}

{# The table as the next run will leave it. #}
{% macro things_live(things) %}
with staged as (select * from {{ ref('logs_staged') }})

, staged_hits as (
    select *
    from staged
    where {{ tells_of(things) }}
)

select * from {{ ref(things) }} as things
where
    not exists (
        select 1
        from staged
        where staged.request_id = things.request_id
    )
union all
select * from ({{ context[things]('staged_hits') }}) as staged_things
{% endmacro %}
