-- Where the members of a merged organisation count on the as-of day of a run: at the end of its mergers up to that day.
with days as (
    select distinct tenant_id, as_of_on from {{ ref('stg_evaluation_run') }} where state in ('live', 'preview', 'sealed')
),

mergers as (
    select
        d.tenant_id as tenant_id,
        d.as_of_on as as_of_on,
        m.from_org_id as org_id,
        argMax(m.to_org_id, tuple(m.on_date, -m.to_org_id)) as next_org_id
    from days d
    inner join {{ ref('stg_org_succession') }} m on m.tenant_id = d.tenant_id
    where m.kind = 'merge' and m.on_date <= d.as_of_on
    group by tenant_id, as_of_on, org_id
)

select tenant_id, as_of_on, org_id, argMax(heir_id, hops) as heir_id
from (
    with recursive chain as (
        select tenant_id, as_of_on, org_id, next_org_id as heir_id, 1 as hops from mergers
        union all
        select c.tenant_id, c.as_of_on, c.org_id, m.next_org_id, c.hops + 1
        from chain c
        inner join mergers m on m.tenant_id = c.tenant_id and m.as_of_on = c.as_of_on and m.org_id = c.heir_id
        where c.hops < 32
    )
    select tenant_id, as_of_on, org_id, heir_id, hops from chain
)
group by tenant_id, as_of_on, org_id
