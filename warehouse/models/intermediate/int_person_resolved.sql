{{ config(materialized='kept', order_by='person_id', changes=['person']) }}

-- Whose records a person's records are: the person's own, or those of the one they were merged into, however often.
with survivors as (
    select tenant_id, person_id, toNullable(argMax(survivor_id, hops)) as survivor_id
    from (
        with recursive chain as (
            select tenant_id, id as person_id, assumeNotNull(merged_into_id) as survivor_id, 1 as hops
            from {{ ref('stg_person') }}
            where merged_into_id is not null and tenant_id in {{ wanted_tenants() }}
            union all
            select c.tenant_id, c.person_id, assumeNotNull(p.merged_into_id), c.hops + 1
            from chain c
            inner join {{ ref('stg_person') }} p on p.id = c.survivor_id and p.tenant_id = c.tenant_id
            where p.merged_into_id is not null and c.hops < 32
        )
        select tenant_id, person_id, survivor_id, hops from chain
    )
    group by tenant_id, person_id
)

select
    {{ built_at() }},
    p.tenant_id as tenant_id,
    p.id as person_id,
    ifNull(s.survivor_id, p.id) as survivor_id
from {{ ref('stg_person') }} p
left join survivors s on s.person_id = p.id and s.tenant_id = p.tenant_id
where p.tenant_id in {{ wanted_tenants() }}
