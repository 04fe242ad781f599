{#
    The products of hits, one row each: those that something is done with, and those that are shown in lists. `shapes`
    says how protocols write them: `things` (macros/things/things.sql), the `fields` of a thing, and what the protocol
    calls those that may have the wrong type.
#}
{% macro products(shapes) %}
with told as (
    {%- for shape in shapes %}
    {{ 'union all' if not loop.first }}
    select
        *
        {%- for column in ['position', 'quantity', 'price'] %}
        , '{{ shape.fields.get(column, column) }}' as {{ column }}_field
        {%- endfor %}
    from ({{ with_fields(
        shape.things, ['id', 'variant', 'position', 'quantity', 'price', 'name', 'brand', 'category'], shape.fields
    ) }}) as said
    {%- endfor %}
)

, typed as (
    select
        *
        , {{ try_integer('position') }} as product_position
        , {{ pieces_said('quantity') }} as product_quantity
        , {{ try_decimal('price', 18, 4) }} as product_price
    from told
)

select
    log_id
    , place
    , upper({{ clean('id') }}) as product_id
    , upper({{ clean('variant') }}) as product_variant
    , product_position
    , product_quantity
    , product_price
    , {{ clean('name') }} as product_name
    , {{ clean('brand') }} as product_brand
    , {{ clean('category') }} as product_category
    , thing as product_raw_data
    , {{ names_where({
        'position_field': unreadable('position', 'product_position'),
        'quantity_field': unreadable('quantity', 'product_quantity'),
        'price_field': unreadable('price', 'product_price'),
    }, are_columns=true) }} as product_not_understood
from typed
{% endmacro %}

{# How many pieces a text says: a whole number from 1 on, as in real time (`quantity` in lambdas/shared/events/values.py). #}
{% macro pieces_said(text) -%}
    case when {{ try_integer(text) }} between 1 and 1000000000 then {{ try_integer(text) }} end
{%- endmacro %}

{# The fields of a product object, by protocol. #}
{% macro google_analytics_product() %}
    {{ return({
        'id': 'id', 'variant': 'va', 'position': 'ps', 'quantity': 'qt', 'price': 'pr', 'name': 'nm', 'brand': 'br',
        'category': 'ca',
    }) }}
{% endmacro %}

{# How Google Analytics writes the products of hits. #}
{% macro google_analytics_products(hits) %}
    {{ return({
        'things': numbered_things(hits, 'pr', '^pr([1-9][0-9]{0,2})([a-z]+[0-9]*)$'),
        'fields': google_analytics_product(),
    }) }}
{% endmacro %}

{% macro segment_product() %}
    {{ return({
        'id': ['sku', 'product_id'], 'variant': 'variant', 'position': 'position', 'quantity': 'quantity',
        'price': 'price', 'name': 'name', 'brand': 'brand', 'category': 'category',
    }) }}
{% endmacro %}

{% macro snowplow_product() %}
    {{ return({
        'id': 'id', 'variant': 'variant', 'position': 'position', 'quantity': 'quantity', 'price': 'price',
        'name': 'name', 'brand': 'brand', 'category': 'category',
    }) }}
{% endmacro %}

{#
    One row a product of a hit that says what was done with its products. `hits`: rows of `logs` with an action. A hit of
    the older e-commerce (`item`) is one product of a transaction.
#}
{% macro product_actions(hits) %}
{% set is_list = json_is_array(json_value('req_body', 'properties.products')) %}
{% set has_id = 'coalesce(' ~ json_text('req_body', 'properties.sku') ~ ', '
    ~ json_text('req_body', 'properties.product_id') ~ ') is not null' %}
{% set google = hits_where(hits, "protocol = 'google-analytics-v1'") %}
{% set google_items = hits_where(hits, "protocol = 'google-analytics-v1' and hit_type = 'item'") %}
{% set segment = hits_where(hits, "protocol = 'segment'") %}
{% set segment_single = hits_where(hits, "protocol = 'segment' and not " ~ is_list ~ ' and ' ~ has_id) %}
{% set snowplow = hits_where(hits, "protocol = 'snowplow'") %}
{% set snowplow_cart = hits_where(
    hits, "protocol = 'snowplow' and event_action in ('add_to_cart', 'remove_from_cart')"
) %}
{% set snowplow_items = hits_where(hits, "protocol = 'snowplow' and hit_type = 'item'") %}
{% set shapes = [
    google_analytics_products(google),
    {
        'things': numbered_things(google_items, 'i', '^(i[nvpqc])$', numbers=0),
        'fields': {'id': 'ic', 'category': 'iv', 'price': 'ip', 'quantity': 'iq', 'name': 'in'},
    },
    {
        'things': listed_things(segment, 'properties.products'),
        'fields': segment_product(),
    },
    {
        'things': single_thing(segment_single, 'properties'),
        'fields': segment_product(),
    },
    {
        'things': entities(snowplow, 'com.snowplowanalytics.snowplow.ecommerce/product'),
        'fields': snowplow_product(),
    },
    {
        'things': single_thing(snowplow_cart, 'ue_pr.data.data'),
        'fields': {
            'id': 'sku', 'name': 'name', 'category': 'category', 'price': 'unitPrice', 'quantity': 'quantity',
        },
    },
    {
        'things': numbered_things(snowplow_items, 'ti_', '^ti_(sk|nm|ca|pr|qu)$', numbers=0),
        'fields': {'id': 'sk', 'name': 'nm', 'category': 'ca', 'price': 'pr', 'quantity': 'qu'},
    },
] %}
select
    products.log_id || '.' || products.place as id
    {%- for column in product_columns() %}
    , products.{{ column }}
    {%- endfor %}
    , hits.*
from ({{ products(shapes) }}) as products
inner join {{ hits }} as hits on products.log_id = hits.log_id
{% endmacro %}

{% macro product_columns() %}
    {{ return([
        'product_id', 'product_variant', 'product_position', 'product_quantity', 'product_price', 'product_name',
        'product_brand', 'product_category', 'product_raw_data', 'product_not_understood',
    ]) }}
{% endmacro %}
