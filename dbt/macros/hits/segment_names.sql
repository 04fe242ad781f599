{#
    What Segment's e-commerce events are called, and what each says was done, as in real time
    (lambdas/shared/events/segment_names.py; a test compares the lists). The last word is what was done.
#}
{% macro segment_product_actions() %}
    {{ return({
        'product viewed': 'detail', 'product clicked': 'click', 'product added': 'add', 'product removed': 'remove',
        'checkout started': 'checkout', 'checkout step viewed': 'checkout',
        'checkout step completed': 'checkout_option', 'payment info entered': 'checkout_option',
        'order completed': 'purchase', 'order refunded': 'refund',
    }) }}
{% endmacro %}

{% macro segment_promotion_actions() %}
    {{ return({'promotion viewed': 'view', 'promotion clicked': 'click'}) }}
{% endmacro %}

{# The one spelling of a name, in SQL: capitals, spaces and underscores do not count. #}
{% macro segment_key(name) -%}replace(replace(lower({{ name }}), ' ', ''), '_', ''){%- endmacro %}

{# The keys of names, with the words in either order. #}
{% macro segment_keys(names) %}
    {% set keys = [] %}
    {% for name in names %}
        {% set words = name.split(' ') %}
        {% do keys.append(words | join) %}
        {% do keys.append(words[-1] ~ words[:-1] | join) %}
    {% endfor %}
    {{ return(keys) }}
{% endmacro %}

{# The actions by their names' keys. #}
{% macro segment_by_key(actions) %}
    {% set found = {} %}
    {% for name, action in actions.items() %}
        {% for key in segment_keys([name]) %}{% do found.update({key: action}) %}{% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
