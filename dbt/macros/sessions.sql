{# One row a session, from rows of `logs` that hold whole sessions. #}
{% macro sessions(hits, user_agents, created_at) %}
-- `moment` sorts as the hits do: by time, then by id. A session has 16 digits of milliseconds at most.
with moments as (
    select
        session_id
        , client_id
        , user_id
        , session_based_user_ids
        , occurred_at
        , uninterrupted_since
        , hit_type
        , product_action
        , transaction_id
        , search_term
        , document_location
        , document_referrer
        , user_agent_id
        , cast({{ to_epoch_ms('occurred_at') }} + 1000000000000000 as varchar) || request_id as moment
    from {{ hits }}
)

, sessions as (
    select
        session_id
        , max(client_id) as client_id
        , {{ last_known('user_id', 'moment') }} as user_id
        , any_value(session_based_user_ids) as session_based_user_ids
        , min(occurred_at) as started_at
        , max(occurred_at) as ended_at
        , min(uninterrupted_since) as uninterrupted_since
        , count(*) as hits
        , count(case when hit_type = 'page_ping' then 1 end) as page_pings
        , count(case when hit_type = 'pageview' then 1 end) as pageviews
        , count(case when product_action = 'detail' then 1 end) as product_details
        , count(case when product_action = 'add' then 1 end) as adds
        , count(case when product_action = 'remove' then 1 end) as removes
        , count(distinct case when product_action = 'purchase' then transaction_id end) as purchases
        , count(search_term) as searches
        , {{ first_known('document_location', 'moment') }} as landing_page
        , {{ last_known('document_location', 'moment') }} as exit_page
        , {{ first_known('document_referrer', 'moment') }} as referrer
        , {{ first_known('user_agent_id', 'moment') }} as user_agent_id
        , substr(min(moment), 17) as first_request_id
    from moments
    group by session_id
)

, judged as (
    select
        sessions.*
        , case
            when user_agents.is_bot then 'user agent'
            when
                {{ to_epoch_ms('sessions.ended_at') }} - {{ to_epoch_ms('sessions.uninterrupted_since') }}
                >= {{ var('bot_session_hours') }} * 60 * 60 * 1000
                then 'never rests'
            -- A page that is open pings by itself.
            when sessions.hits - sessions.page_pings >= {{ var('bot_session_hits') }} then 'too many hits'
        end as bot_reason
    from sessions
    left join {{ user_agents }} as user_agents on sessions.user_agent_id = user_agents.id
)

select
    session_id
    , client_id
    , user_id
    , session_based_user_ids
    , started_at
    , ended_at
    , cast(
        ({{ to_epoch_ms('ended_at') }} - {{ to_epoch_ms('started_at') }}) / 1000.0 as decimal(18, 3)
    ) as duration_seconds
    , cast(hits as bigint) as hits
    , cast(pageviews as bigint) as pageviews
    , cast(product_details as bigint) as product_details
    , cast(adds as bigint) as adds
    , cast(removes as bigint) as removes
    , cast(purchases as bigint) as purchases
    , cast(searches as bigint) as searches
    , landing_page
    , exit_page
    , referrer
    , user_agent_id
    , pageviews <= 1 and adds + removes + purchases + searches = 0 as is_bounce
    , bot_reason is not null as is_bot
    , bot_reason
    , first_request_id
    , {{ created_at }} as created_at
from judged
{% endmacro %}

{# The value that a group's first, or last, row that has one says; `moment` gives the rows' order. #}
{% macro first_known(value, moment) -%}
    min_by({{ value }}, case when {{ value }} is not null then {{ moment }} end)
{%- endmacro %}

{% macro last_known(value, moment) -%}
    max_by({{ value }}, case when {{ value }} is not null then {{ moment }} end)
{%- endmacro %}

{# Deletes the sessions whose first hit has become part of another session since this model last ran. #}
{% macro joined_sessions_go() %}
{% if is_incremental() %}
delete from {{ this }}
where
    first_request_id in (
        select logs.request_id from {{ ref('logs') }} as logs
        where logs.created_at in ({{ unseen_runs(ref('logs'), this) }})
    )
    and session_id not in (
        select logs.session_id from {{ ref('logs') }} as logs
        where logs.created_at in ({{ unseen_runs(ref('logs'), this) }})
    )
{% endif %}
{% endmacro %}
