-- One row a Google Analytics hit: typed, and each hit once however often it was sent or loaded.

{% set texts = {
    'protocol': 'context.protocol',
    'body_client_id': 'request.body.cid', 'context_client_id': 'context.client_id',
    'body_user_id': 'request.body.uid', 'context_user_id': 'context.user_id',
    'body_user_ip': 'request.body.uip', 'context_user_ip': 'context.user_ip',
    'body_location': 'request.body.dl', 'header_referer': 'request.headers.referer',
    'context_location': 'context.document_location',
    'body_referrer': 'request.body.dr', 'context_referrer': 'context.document_referrer',
    'body_user_agent': 'request.body.ua', 'header_user_agent': 'request.headers."user-agent"',
    'context_user_agent': 'context.user_agent',
    'hit_type': 'request.body.t', 'product_action': 'request.body.pa', 'queue_time': 'request.body.qt',
    'document_title': 'request.body.dt', 'screen_resolution': 'request.body.sr',
    'document_encoding': 'request.body.de', 'screen_colors': 'request.body.sd', 'user_language': 'request.body.ul',
} %}

-- The choice runs over narrow columns: a window that carried the documents would need memory for all of them.
with ranked as (
    select
        log_id
        , log_timestamp
        , row_number() over (
            partition by coalesce(request_id, log_id)
            order by request_timestamp, log_filename, log_file_row_number, log_timestamp
        ) as occurrence
    from {{ source('raw', 'logs') }}
    where service_id = 'api.collect'
)

-- An object loaded twice repeats its log_ids but not its load time.
, firsts as (
    select
        -- Named again, because DuckDB would take over the upper case of the Parquet files.
        raw.log_id as log_id -- noqa: AL09
        , coalesce(raw.request_id, raw.log_id) as request_id
        , coalesce(raw.request_timestamp, raw.log_timestamp) as received_at
        , raw.log_timestamp as loaded_at
        , raw.data as data -- noqa: AL09
    from {{ source('raw', 'logs') }} as raw
    inner join ranked on raw.log_id = ranked.log_id and raw.log_timestamp = ranked.log_timestamp
    where ranked.occurrence = 1
)

, hits as (
    {{ json_texts('firsts', 'data', texts, keep=[
        'log_id', 'request_id', 'received_at', 'loaded_at', 'data'
    ]) }}
)

, timed as (
    select
        *
        , {{ to_epoch_ms('received_at') }} as received_ms
        , {{ try_integer('queue_time') }} as queue_ms
    from hits
    where protocol = 'google-analytics-v1'
)

select
    log_id
    , request_id
    , cast(received_at as {{ timestamp_type() }}) as request_timestamp
    -- A hit tells how long it had waited when it was sent; what can not be (negative, before 1970) is not believed.
    , case
        when queue_ms between 0 and received_ms then {{ from_epoch_ms('received_ms - queue_ms') }}
        else cast(received_at as {{ timestamp_type() }})
    end as occurred_at
    , lower({{ first_of(['body_client_id', 'context_client_id']) }}) as client_id
    , lower({{ first_of(['body_user_id', 'context_user_id']) }}) as user_id
    , lower({{ first_of(['body_user_ip', 'context_user_ip']) }}) as user_ip
    , lower({{ clean('hit_type') }}) as hit_type
    , lower({{ clean('product_action') }}) as product_action
    , lower({{ first_of(['body_location', 'header_referer', 'context_location']) }}) as document_location
    , lower({{ first_of(['body_referrer', 'context_referrer']) }}) as document_referrer
    , lower({{ first_of(['body_user_agent', 'header_user_agent', 'context_user_agent']) }}) as user_agent
    , {{ clean('document_title') }} as document_title
    , lower({{ clean('screen_resolution') }}) as screen_resolution
    , upper({{ clean('document_encoding') }}) as document_encoding
    , lower({{ clean('screen_colors') }}) as screen_colors
    , upper({{ clean('user_language') }}) as user_language
    , {{ json_value('data', 'request.body') }} as req_body
    , cast(loaded_at as {{ timestamp_type() }}) as loaded_at
from timed
