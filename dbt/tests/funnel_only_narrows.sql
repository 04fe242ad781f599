-- Every day of the calendar has its five steps. The first has all sessions that started that day; in order, no step has
-- more sessions than the one before; and no session takes a step in order without taking it at all.
with last_days as ({{ days_of_last_run() }})

, steps as (
    select
        last_days.day
        , happened.step_number
        , happened.sessions
        , happened.sessions_in_order
        , lag(happened.sessions_in_order) over (
            partition by last_days.day order by happened.step_number
        ) as sessions_before
    from {{ on_days(ref('funnel_1d'), 'last_days', time='timestamp') }}
)

, started as (
    select
        last_days.day
        , count(*) as sessions
    from {{ on_days(ref('sessions'), 'last_days', time='started_at') }}
    group by last_days.day
)

, days as (
    select
        last_days.day
        , coalesce(max(started.sessions), 0) as sessions
        , count(steps.step_number) as steps
        , max(case when steps.step_number = 1 then steps.sessions end) as first_step
        , count(case when steps.sessions_in_order > steps.sessions_before then 1 end) as steps_that_grow
        , count(case when steps.sessions_in_order > steps.sessions then 1 end) as steps_only_in_order
    from last_days
    left join steps on last_days.day = steps.day
    left join started on last_days.day = started.day
    group by last_days.day
)

select *
from days
where steps <> 5 or first_step <> sessions or steps_that_grow > 0 or steps_only_in_order > 0
