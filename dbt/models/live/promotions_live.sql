-- EVENTS.PROMOTIONS as the next run will leave it.
{{ config(alias='promotions') }}
{{ things_live('promotions') }}
