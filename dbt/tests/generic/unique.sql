{#
    In the place of dbt's own test: no key of the last run's rows occurs twice in the whole table. Under `where`, dbt's
    would only compare the last run's rows with each other, and miss a new row that repeats an old one.
    `column_name`: one column, or several divided by commas. A key with a NULL in it repeats none.
#}
{% test unique(model, column_name) %}
{{ config(where='') }}
{% set keys = column_name.split(',') | map('trim') | list %}
select
    {% for key in keys %}tested.{{ key }}, {% endfor %}count(*) as times
from {{ model }} as tested
where exists (
    select 1
    from {{ rows_of_last_run(model) }} as written
    where {% for key in keys %}written.{{ key }} = tested.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
)
group by {% for key in keys %}tested.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
having count(*) > 1
{% endtest %}
