-- One row a product of a hit that says what was done with its products. An increment holds the hits that changed.
{{ config(materialized='incremental', unique_key='request_id') }}
{{ things_table('product_actions') }}
