-- A field counts once a hit, so that it can not be wrong in more hits than the day had.
select
    wrong.timestamp
    , wrong.field
    , wrong.hits
    , calendar.hits as hits_of_the_day
from {{ rows_of_last_run(ref('data_quality')) }} as wrong
inner join {{ ref('overview_1d') }} as calendar on wrong.timestamp = calendar.timestamp
where wrong.hits > calendar.hits
