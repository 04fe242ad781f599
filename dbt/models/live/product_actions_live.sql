-- EVENTS.PRODUCT_ACTIONS as the next run will leave it.
{{ config(alias='product_actions') }}
{{ things_live('product_actions') }}
