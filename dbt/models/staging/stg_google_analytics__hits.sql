-- Google Analytics' Measurement Protocol v1: one row a row of RAW.LOGS, typed. A hit may be there more than once.

{% set texts = {
    'body_client_id': 'request.body.cid', 'context_client_id': 'context.client_id',
    'body_user_id': 'request.body.uid', 'context_user_id': 'context.user_id',
    'body_user_ip': 'request.body.uip', 'context_user_ip': 'context.user_ip',
    'body_location': 'request.body.dl', 'header_referer': 'request.headers.referer',
    'context_location': 'context.document_location',
    'body_referrer': 'request.body.dr', 'context_referrer': 'context.document_referrer',
    'body_user_agent': 'request.body.ua', 'header_user_agent': 'request.headers."user-agent"',
    'context_user_agent': 'context.user_agent',
    't': 'request.body.t', 'pa': 'request.body.pa', 'pal': 'request.body.pal', 'qt': 'request.body.qt',
    'ec': 'request.body.ec', 'ea': 'request.body.ea', 'el': 'request.body.el', 'ev': 'request.body.ev',
    'dt': 'request.body.dt', 'sr': 'request.body.sr', 'de': 'request.body.de', 'sd': 'request.body.sd',
    'ul': 'request.body.ul', 'cu': 'request.body.cu', 'ti': 'request.body.ti', 'tr': 'request.body.tr',
    'tt': 'request.body.tt', 'ts': 'request.body.ts', 'ta': 'request.body.ta', 'tcc': 'request.body.tcc',
} %}

with logs as (
    select * from {{ ref('stg_logs') }}
    where {{ json_text('data', 'context.protocol') }} = 'google-analytics-v1'
)

, texts as (
    {{ json_texts('logs', 'data', texts, keep=['log_id', 'request_id', 'request_timestamp', 'loaded_at', 'data']) }}
)

, typed as (
    select
        *
        , lower({{ clean('t') }}) as hit_type
        , lower({{ first_of(['body_location', 'header_referer', 'context_location']) }}) as document_location
        , {{ clean('ec') }} as event_category
        , {{ to_epoch_ms('request_timestamp') }} as received_ms
        , {{ try_integer('qt') }} as queue_ms
        , {{ try_integer('ev') }} as event_value
        , {{ try_decimal('tr', 18, 4) }} as transaction_revenue
        , {{ try_decimal('tt', 18, 4) }} as transaction_tax
        , {{ try_decimal('ts', 18, 4) }} as transaction_shipping
    from texts
)

select
    log_id
    , request_id
    , request_timestamp
    -- A hit tells how long it had waited when it was sent; what can not be (negative, before 1970) is not believed.
    , case
        when queue_ms between 0 and received_ms then {{ from_epoch_ms('received_ms - queue_ms') }}
        else cast(request_timestamp as {{ timestamp_type() }})
    end as occurred_at
    , lower({{ first_of(['body_client_id', 'context_client_id']) }}) as client_id
    , lower({{ first_of(['body_user_id', 'context_user_id']) }}) as user_id
    , lower({{ first_of(['body_user_ip', 'context_user_ip']) }}) as user_ip
    , hit_type
    -- The older e-commerce hits name no action; `item` hits stand in LOGS only.
    , case when hit_type = 'transaction' then 'purchase' else lower({{ clean('pa') }}) end as product_action
    , document_location
    , lower({{ first_of(['body_referrer', 'context_referrer']) }}) as document_referrer
    , {{ first_of(['body_user_agent', 'header_user_agent', 'context_user_agent']) }} as user_agent
    , {{ clean('dt') }} as document_title
    , lower({{ clean('sr') }}) as screen_resolution
    , upper({{ clean('de') }}) as document_encoding
    , lower({{ clean('sd') }}) as screen_colors
    , upper({{ clean('ul') }}) as user_language
    , 'google-analytics-v1' as protocol
    , event_category
    , {{ clean('ea') }} as event_action
    , {{ clean('el') }} as event_label
    , event_value
    , lower({{ clean('pal') }}) as product_action_list
    , upper({{ clean('cu') }}) as currency_code
    , upper({{ clean('ti') }}) as transaction_id
    , transaction_revenue
    , transaction_tax
    , transaction_shipping
    , {{ clean('ta') }} as transaction_affiliation
    , {{ clean('tcc') }} as transaction_coupon_code
    -- A search is an event of that category, or a page whose address asks a question.
    , case
        when hit_type = 'event' and lower(event_category) = 'search' then lower({{ clean('el') }})
        when hit_type = 'pageview' and document_location like '%?%' then {{ clean(query_parameter(
            'document_location', var('search_parameters')
        )) }}
    end as search_term
    , case when hit_type = 'event' and lower(event_category) = 'search' then event_value end as search_results
    , {{ names_where({
        'qt': unreadable('qt', 'queue_ms') ~ ' or queue_ms not between 0 and received_ms',
        'ev': unreadable('ev', 'event_value'),
        'tr': unreadable('tr', 'transaction_revenue'),
        'tt': unreadable('tt', 'transaction_tax'),
        'ts': unreadable('ts', 'transaction_shipping'),
    }) }} as not_understood
    , {{ json_value('data', 'request.body') }} as req_body
    , loaded_at
from typed
