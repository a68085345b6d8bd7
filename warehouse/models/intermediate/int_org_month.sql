-- Roll-ups of an organisation's own records by calendar month, measures as rows, additive numerators and denominators. Two tables, because
-- attendance changes with every check-in and the rest does not.
select tenant_id, org_id, month, measure, category, numerator, denominator
from {{ ref('int_count_month') }}
union all
select tenant_id, org_id, month, 'attendance' as measure, kind as category, present as numerator, toNullable(expected) as denominator
from {{ ref('int_attendance_month') }}
