{# Segment's messages, as the collector keeps them. https://segment.com/docs/connections/spec/ecommerce/v2/ #}
{% macro segment_paths() %}
    {{ return({
        'client_id': 'context.client_id', 'user_id': 'context.user_id', 'user_ip': 'context.user_ip',
        'user_agent': 'context.user_agent', 'location': 'context.document_location',
        'referrer': 'context.document_referrer',
        'type': 'request.body.type', 'event': 'request.body.event', 'name': 'request.body.name',
        'timestamp': 'request.body.timestamp', 'locale': 'request.body.context.locale',
        'width': 'request.body.context.screen.width', 'height': 'request.body.context.screen.height',
        'page_title': 'request.body.context.page.title', 'title': 'request.body.properties.title',
        'category': 'request.body.properties.category', 'label': 'request.body.properties.label',
        'value': 'request.body.properties.value', 'list_id': 'request.body.properties.list_id',
        'currency': 'request.body.properties.currency', 'order_id': 'request.body.properties.order_id',
        'total': 'request.body.properties.total', 'revenue': 'request.body.properties.revenue',
        'tax': 'request.body.properties.tax', 'shipping': 'request.body.properties.shipping',
        'affiliation': 'request.body.properties.affiliation', 'coupon': 'request.body.properties.coupon',
        'query': 'request.body.properties.query',
    }) }}
{% endmacro %}

{#
    `kind` is the type, or the key of what was tracked (segment_names.sql), which senders spell in several ways. A tracked
    event has a category, an action and a label as Segment's own destination for Google Analytics gives them; all of an
    order's money is its `total`, else its `revenue`, else its `value`, as everywhere here (docs/events.md).
#}
{% macro segment_hit(said) %}
{% set is_tracked = said.type ~ " = 'track'" %}
{% set of_order = is_tracked ~ ' and kind in (' ~ quoted(segment_keys([
    'order completed', 'order updated', 'order refunded', 'order cancelled',
])) ~ ')' %}
{% set of_list = is_tracked ~ ' and kind in (' ~ quoted(segment_keys([
    'product list viewed', 'product category viewed', 'product list filtered',
])) ~ ')' %}
{% set of_search = is_tracked ~ ' and kind in (' ~ quoted(segment_keys(['products searched'])) ~ ')' %}
{% set money = [] %}
{% for amount in [said.total, said.revenue, said.value] %}
    {% do money.append('case when ' ~ try_decimal(amount, 18, 4) ~ ' is not null then ' ~ amount ~ ' end') %}
{% endfor %}
    {{ return({
        'kind': 'case when ' ~ is_tracked ~ ' then ' ~ segment_key(said.event) ~ ' else ' ~ said.type ~ ' end',
        'occurred_ms': to_epoch_ms(try_timestamp(said.timestamp)),
        'columns': {
            'client_id': [said.client_id],
            'user_id': [said.user_id],
            'user_ip': [said.user_ip],
            'hit_type': renamed(said.type, {'page': 'pageview', 'screen': 'screenview', 'track': 'event'}, said.type),
            'product_action': 'case when ' ~ is_tracked ~ ' then '
                ~ renamed('kind', segment_by_key(segment_product_actions())) ~ ' end',
            'promotion_action': 'case when ' ~ is_tracked ~ ' then '
                ~ renamed('kind', segment_by_key(segment_promotion_actions())) ~ ' end',
            'has_impressions': of_list,
            'document_location': [said.location],
            'document_referrer': [said.referrer],
            'user_agent': [said.user_agent],
            'document_title': "case when " ~ said.type ~ " = 'screen' then " ~ said.name ~ " else "
                ~ first_of([said.page_title, said.title, 'case when ' ~ said.type ~ " = 'page' then " ~ said.name ~ ' end'])
                ~ " end",
            'screen_resolution': said.width ~ " || 'x' || " ~ said.height,
            'user_language': said.locale,
            'event_category': 'case when ' ~ is_tracked ~ ' then coalesce(' ~ clean(said.category) ~ ", 'All') end",
            'event_action': 'case when ' ~ is_tracked ~ ' then ' ~ said.event ~ ' end',
            'event_label': 'case when ' ~ is_tracked ~ ' then ' ~ said.label ~ ' end',
            'event_value': 'case when ' ~ is_tracked ~ ' then ' ~ said.value ~ ' end',
            'product_action_list': first_of([
                said.list_id, 'case when ' ~ of_list ~ ' then ' ~ said.category ~ ' end',
            ]),
            'currency_code': said.currency,
            'transaction_id': said.order_id,
            'transaction_revenue': 'case when ' ~ of_order ~ ' then coalesce('
                ~ (money + [said.total, said.revenue, said.value]) | join(', ') ~ ') end',
            'transaction_tax': 'case when ' ~ of_order ~ ' then ' ~ said.tax ~ ' end',
            'transaction_shipping': 'case when ' ~ of_order ~ ' then ' ~ said.shipping ~ ' end',
            'transaction_affiliation': 'case when ' ~ of_order ~ ' then ' ~ said.affiliation ~ ' end',
            'transaction_coupon_code': 'case when ' ~ of_order ~ ' then ' ~ said.coupon ~ ' end',
            'search_term': 'case when ' ~ of_search ~ ' then ' ~ said.query ~ ' end',
        },
        'not_understood': {
            'timestamp': unreadable(said.timestamp, 'occurred_ms'),
            'value': unreadable('event_value_said', 'event_value'),
            'total': unreadable(said.total, try_decimal(said.total, 18, 4)),
            'revenue': unreadable(said.revenue, try_decimal(said.revenue, 18, 4)),
            'tax': unreadable('transaction_tax_said', 'transaction_tax'),
            'shipping': unreadable('transaction_shipping_said', 'transaction_shipping'),
        },
    }) }}
{% endmacro %}
