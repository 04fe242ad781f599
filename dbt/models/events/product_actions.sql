-- One row a product of a hit that says what was done with its products (Google Analytics Enhanced Ecommerce:
-- `pa` is the action, `pr<N><field>` the fields of the N-th product).

with fields as (
    select
        logs.log_id
        , {{ try_integer(regex_group('field.key', '^pr([0-9]{1,3})[a-z]+[0-9]*$', 1)) }} as product_index
        , {{ regex_group('field.key', '^pr[0-9]{1,3}([a-z]+[0-9]*)$', 1) }} as product_field
        , {{ clean(entry_text('field')) }} as product_value
    from {{ ref('logs') }} as logs
    , {{ json_entries('logs.req_body', 'field') }}
    where logs.product_action is not null and field.key like 'pr%'
)

, products as (
    select
        log_id
        , product_index
        , upper(max(case when product_field = 'id' then product_value end)) as product_id
        , upper(max(case when product_field = 'va' then product_value end)) as product_variant
        , {{ try_integer("max(case when product_field = 'ps' then product_value end)") }} as product_position
        , {{ try_integer("max(case when product_field = 'qt' then product_value end)") }} as product_quantity
        , {{ try_decimal("max(case when product_field = 'pr' then product_value end)", 18, 4) }} as product_price
        , max(case when product_field = 'nm' then product_value end) as product_name
        , max(case when product_field = 'br' then product_value end) as product_brand
        , max(case when product_field = 'ca' then product_value end) as product_category
        , {{ json_object_of('product_field', 'product_value') }} as product_raw_data
    from fields
    where product_index is not null and product_value is not null
    group by log_id, product_index
)

, actions as (
    {{ json_texts(
        ref('logs'), 'req_body', {'action_list': 'pal', 'currency': 'cu', 'transaction': 'ti'}, keep=['log_id']
    ) }}
)

select
    products.log_id || '.' || products.product_index as id
    , products.product_id
    , products.product_variant
    , products.product_position
    , products.product_quantity
    , products.product_price
    , products.product_name
    , products.product_brand
    , products.product_category
    , products.product_raw_data
    , lower({{ clean('actions.action_list') }}) as product_action_list
    , upper({{ clean('actions.currency') }}) as currency_code
    , {{ clean('actions.transaction') }} as transaction_id
    , logs.*
from products
inner join {{ ref('logs') }} as logs on products.log_id = logs.log_id
inner join actions on products.log_id = actions.log_id
