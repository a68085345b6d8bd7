select
    day,
    toInt32(toYear(day) * 10000 + toMonth(day) * 100 + toDayOfMonth(day)) as day_no,
    toInt32(toYear(day)) as year,
    toInt32(intDiv(toMonth(day) + 2, 3)) as quarter,
    concat(toString(toYear(day)), '-', leftPad(toString(toMonth(day)), 2, '0')) as month,
    toInt32(toDayOfWeek(day)) as weekday
from (select toDate32('2000-01-01') + number as day from numbers(18628))
