{{ config(
    materialized='kept',
    order_by='tenant_id, org_id, month, measure, category',
    changes=['meeting', 'obligation', 'membership', 'person_status', 'person'],
) }}

{#- What is counted of an organisation by calendar month without anybody's attendance: meetings, duties, members. -#}
with meetings as (
    select
        tenant_id, org_id, toYear(held_on) * 12 + toMonth(held_on) - 1 as month_no, 'meetings_held' as measure, kind as category,
        toInt64(count()) as numerator, cast(null, 'Nullable(Int64)') as denominator
    from {{ ref('stg_meeting') }}
    where state = 'closed' and voided_at is null and tenant_id in {{ wanted_tenants() }}
    group by tenant_id, org_id, month_no, category
),

duties as (
    select
        tenant_id, org_id, toYear(due_on) * 12 + toMonth(due_on) - 1 as month_no, 'duties' as measure, duty_key as category,
        toInt64(countIf(state = 'fulfilled' and ifNull(fulfilled_on <= due_on, 0))) as numerator, toNullable(toInt64(count())) as denominator
    from {{ ref('stg_obligation') }}
    where state <> 'waived' and tenant_id in {{ wanted_tenants() }}
    group by tenant_id, org_id, month_no, category
),

months as (
    select tenant_id, arrayJoin(range(min(month_no), max(month_no) + 1)) as month_no
    from (
        select tenant_id, toYear(held_on) * 12 + toMonth(held_on) - 1 as month_no from {{ ref('stg_meeting') }} where tenant_id in {{ wanted_tenants() }}
        union all
        select tenant_id, toYear(due_on) * 12 + toMonth(due_on) - 1 as month_no from {{ ref('stg_obligation') }} where tenant_id in {{ wanted_tenants() }}
    )
    group by tenant_id
),

-- A member of an organisation from the month in which membership and identity both begin, until the month in which one of them ends:
-- counted as on the last day of each month.
changes as (
    select tenant_id, org_id, category, month_no, sum(change) as change
    from (
        select
            tenant_id, org_id, identity as category,
            arrayJoin([
                tuple(toYear(from_day) * 12 + toMonth(from_day) - 1, toInt64(1)),
                tuple(toYear(to_day) * 12 + toMonth(to_day) - 1, toInt64(-1))
            ]) as step,
            step.1 as month_no,
            step.2 as change
        from {{ membership_days() }}
    )
    group by tenant_id, org_id, category, month_no
),

members as (
    select
        c.tenant_id as tenant_id, c.org_id as org_id, m.month_no as month_no, 'members' as measure, c.category as category,
        toInt64(sumIf(c.change, c.month_no <= m.month_no)) as numerator, cast(null, 'Nullable(Int64)') as denominator
    from changes c
    inner join months m on m.tenant_id = c.tenant_id
    group by tenant_id, org_id, month_no, category
    having numerator > 0
)

select
    {{ built_at() }},
    r.tenant_id as tenant_id,
    r.org_id as org_id,
    concat(toString(intDiv(r.month_no, 12)), '-', leftPad(toString(r.month_no % 12 + 1), 2, '0')) as month,
    r.measure as measure,
    r.category as category,
    r.numerator as numerator,
    r.denominator as denominator
from (
    select tenant_id, org_id, month_no, measure, category, numerator, denominator from meetings
    union all
    select tenant_id, org_id, month_no, measure, category, numerator, denominator from duties
    union all
    select tenant_id, org_id, month_no, measure, category, numerator, denominator from members
) r
