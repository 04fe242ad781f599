-- One row a hit, with the session it belongs to: a visitor's hits with no gap of {{ var('session_gap_minutes') }}
-- minutes or more between them. Sessions go by the hit's own time and run on over midnight.

{% set session_namespace = "'1ff91478-1da1-431f-b1fd-3ec39fff283c'" %}
{% set user_agent_namespace = "'2ee51068-335c-4fcf-b58b-313c0d715c07'" %}

-- Windows run over narrow columns and are joined back by log_id. Ties are broken by the hit's own id, so that sessions
-- come out the same in whatever order and in however many loads the hits arrived.
with ordered as (
    select
        log_id
        , request_id
        , occurred_at
        , user_id
        , user_ip
        -- A hit without a client belongs to nobody else's session.
        , coalesce(client_id, log_id) as visitor
        , lag(occurred_at) over (
            partition by coalesce(client_id, log_id) order by occurred_at, request_id
        ) as previous_at
    from {{ ref('stg_google_analytics__hits') }}
)

, starts as (
    select
        *
        , case
            when
                previous_at is null
                or {{ to_epoch_ms('occurred_at') }} - {{ to_epoch_ms('previous_at') }}
                >= {{ var('session_gap_minutes') }} * 60 * 1000
                then 1
            else 0
        end as starts_session
    from ordered
)

, numbered as (
    select
        *
        , sum(starts_session) over (
            partition by visitor order by occurred_at, request_id rows between unbounded preceding and current row
        ) as session_number
    from starts
)

, sessions as (
    select
        visitor
        , session_number
        , {{ uuid5(uuid5(session_namespace, 'visitor'), "max(case when starts_session = 1 then request_id end)") }}
            as session_id
        , {{ distinct_array('user_id') }} as session_based_user_ids
        , {{ distinct_array('user_ip') }} as session_based_user_ips
    from numbered
    group by visitor, session_number
)

, placed as (
    select
        numbered.log_id
        , sessions.session_id
        , sessions.session_based_user_ids
        , sessions.session_based_user_ips
    from numbered
    inner join sessions on numbered.visitor = sessions.visitor and numbered.session_number = sessions.session_number
)

select
    hits.request_timestamp
    , hits.occurred_at
    , hits.request_id
    , placed.session_id
    , hits.client_id
    , hits.user_id
    , placed.session_based_user_ids
    , hits.user_ip
    , placed.session_based_user_ips
    , hits.hit_type
    , hits.product_action
    , hits.document_location
    , hits.document_referrer
    , {{ uuid5(user_agent_namespace, 'hits.user_agent') }} as user_agent_id
    , hits.document_title
    , hits.screen_resolution
    , hits.document_encoding
    , hits.screen_colors
    , hits.user_language
    , hits.req_body
    , hits.log_id
    , {{ utc_now() }} as created_at
from {{ ref('stg_google_analytics__hits') }} as hits
inner join placed on hits.log_id = placed.log_id
