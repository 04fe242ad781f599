-- One row a transaction: the first hit that told of it. A purchase sent again (a reloaded receipt page) counts once.

with purchase_hits as (
    select
        log_id
        , request_timestamp
        , request_id
        , req_body
    from {{ ref('logs') }}
    where product_action = 'purchase'
)

, hits as (
    {{ json_texts(
        'purchase_hits', 'req_body',
        {'ti': 'ti', 'tr': 'tr', 'tt': 'tt', 'ts': 'ts', 'ta': 'ta', 'tcc': 'tcc'},
        keep=['log_id', 'request_timestamp', 'request_id']
    ) }}
)

, ranked as (
    select
        *
        , row_number() over (partition by upper({{ clean('ti') }}) order by request_timestamp, request_id) as occurrence
    from hits
    where {{ clean('ti') }} is not null
)

select
    ranked.log_id as id
    , {{ clean('ranked.ti') }} as transaction_id
    , {{ try_decimal('ranked.tr', 18, 4) }} as transaction_revenue
    , {{ try_decimal('ranked.tt', 18, 4) }} as transaction_tax
    , {{ try_decimal('ranked.ts', 18, 4) }} as transaction_shipping
    , {{ clean('ranked.ta') }} as transaction_affiliation
    , {{ clean('ranked.tcc') }} as transaction_coupon_code
    , logs.*
from ranked
inner join {{ ref('logs') }} as logs on ranked.log_id = logs.log_id
where ranked.occurrence = 1
