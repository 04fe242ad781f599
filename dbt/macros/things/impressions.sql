{#
    One row a product that a hit shows in a list. `hits`: rows of `logs` with impressions. Google Analytics names each
    list of a hit (`il<N>nm`); a hit of the others shows one.
#}
{% macro product_impressions(hits) %}
{% set google = hits_where(hits, "protocol = 'google-analytics-v1'") %}
{% set shapes = [
    {
        'things': numbered_things(google, 'il', '^il([1-9][0-9]{0,2})pi([1-9][0-9]{0,2})([a-z]+[0-9]*)$', numbers=2),
        'fields': google_analytics_product(),
    },
    {
        'things': listed_things(hits_where(hits, "protocol = 'segment'"), 'properties.products'),
        'fields': segment_product(),
    },
    {
        'things': entities(
            hits_where(hits, "protocol = 'snowplow'"), 'com.snowplowanalytics.snowplow.ecommerce/product'
        ),
        'fields': snowplow_product(),
    },
] %}
select
    products.log_id || '.' || products.place as id
    , coalesce(lower({{ json_text('lists.thing', 'nm') }}), hits.product_action_list) as impression_list
    {%- for column in product_columns() %}
    , products.{{ column }}
    {%- endfor %}
    , hits.*
from ({{ products(shapes) }}) as products
inner join {{ hits }} as hits on products.log_id = hits.log_id
left join ({{ numbered_things(google, 'il', '^il([1-9][0-9]{0,2})(nm)$') }}) as lists
    on products.log_id = lists.log_id and {{ regex_group('products.place', '^([0-9]+)[.]', 1) }} = lists.place
{% endmacro %}
