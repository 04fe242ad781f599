-- What the days add up to is what the tables below hold: nothing is counted twice or left out.
with days as (
    select
        coalesce(sum(pageviews), 0) as pageviews
        , coalesce(sum(transactions), 0) as transactions
        , coalesce(sum(transaction_revenue), 0) as revenue
        , coalesce(sum(case when count_active_sessions <> count_new_sessions then 1 else 0 end), 0) as days_that_differ
    from {{ ref('overview_1d') }}
)

, hits as (select count(*) as pageviews from {{ ref('pageviews') }})

, bought as (
    select count(*) as transactions, coalesce(sum(transaction_revenue), 0) as revenue from {{ ref('purchases') }}
)

select *
from days
cross join hits
cross join bought
where
    days.pageviews <> hits.pageviews
    or days.transactions <> bought.transactions
    or days.revenue <> bought.revenue
    or days.days_that_differ <> 0
