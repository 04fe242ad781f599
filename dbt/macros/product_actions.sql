{#
    One row a product of a hit that says what was done with its products (Google Analytics Enhanced Ecommerce: `pa` is
    the action, `pr<N><field>` the fields of the N-th product). `hits`: rows of `logs`.
#}
{% macro product_actions(hits) %}
with fields as (
    select
        hits.log_id
        , {{ try_integer(regex_group('field.key', '^pr([0-9]{1,3})[a-z]+[0-9]*$', 1)) }} as product_index
        , {{ regex_group('field.key', '^pr[0-9]{1,3}([a-z]+[0-9]*)$', 1) }} as product_field
        , {{ clean(entry_text('field')) }} as product_value
    from {{ hits }} as hits
    , {{ json_entries('hits.req_body', 'field') }}
    where hits.product_action is not null and field.key like 'pr%'
)

, products as (
    select
        log_id
        , product_index
        {%- for name in ['id', 'va', 'ps', 'qt', 'pr', 'nm', 'br', 'ca'] %}
        , max(case when product_field = '{{ name }}' then product_value end) as {{ name }}
        {%- endfor %}
        , {{ json_object_of('product_field', 'product_value') }} as product_raw_data
    from fields
    where product_index is not null and product_value is not null
    group by log_id, product_index
)

, typed as (
    select
        *
        , {{ try_integer('ps') }} as product_position
        , {{ try_integer('qt') }} as product_quantity
        , {{ try_decimal('pr', 18, 4) }} as product_price
    from products
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
