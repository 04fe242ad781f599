{#
    One row a product of a hit that says what was done with its products (Google Analytics Enhanced Ecommerce: `pa` is
    the action, `pr<N><field>` the fields of the N-th product). `hits`: rows of `logs` with
    an action.
#}
{% macro product_actions(hits) %}
with entries as (
    {{ json_entries(hits, 'req_body', 'pr', keep=['log_id']) }}
)

, fields as (
    select
        log_id
        , {{ try_integer(regex_group('key', '^pr([1-9][0-9]{0,2})[a-z]+[0-9]*$', 1)) }} as product_index
        , {{ regex_group('key', '^pr[1-9][0-9]{0,2}([a-z]+[0-9]*)$', 1) }} as product_field
        , {{ clean('value') }} as product_value
    from entries
)

, products as (
    select
        log_id
        , product_index
        , {{ json_object_of('product_field', 'product_value') }} as product_raw_data
    from fields
    where product_index is not null and product_value is not null
    group by log_id, product_index
)

, texts as (
    {{ json_texts('products', 'product_raw_data', {
        'id': 'id', 'va': 'va', 'ps': 'ps', 'qt': 'qt', 'pr': 'pr', 'nm': 'nm', 'br': 'br', 'ca': 'ca',
    }, keep=['log_id', 'product_index', 'product_raw_data']) }}
)

, typed as (
    select
        *
        , {{ try_integer('ps') }} as product_position
        , {{ try_integer('qt') }} as product_quantity
        , {{ try_decimal('pr', 18, 4) }} as product_price
    from texts
)

select
    typed.log_id || '.' || typed.product_index as id
    , upper(typed.id) as product_id
    , upper(typed.va) as product_variant
    , typed.product_position
    , typed.product_quantity
    , typed.product_price
    , typed.nm as product_name
    , typed.br as product_brand
    , typed.ca as product_category
    , typed.product_raw_data
    , {{ names_where({
        'ps': unreadable('typed.ps', 'typed.product_position'),
        'qt': unreadable('typed.qt', 'typed.product_quantity'),
        'pr': unreadable('typed.pr', 'typed.product_price'),
    }) }} as product_not_understood
    , hits.*
from typed
inner join {{ hits }} as hits on typed.log_id = hits.log_id
{% endmacro %}
