{{ config(
    materialized='kept',
    order_by='period_key, subject_id, indicator_code',
    changes=['evaluation_entry', 'indicator', 'person'],
) }}

-- Values imported for the period, in ten-thousandths. Of a merged person's entries the survivor's own wins, else the smallest id.
select
    {{ built_at() }},
    v.tenant_id as tenant_id,
    v.period_id as period_key,
    'person' as subject_kind,
    p.survivor_id as subject_id,
    i.code as indicator_code,
    toInt64(argMin(v.value_bp, tuple(v.person_id <> p.survivor_id, v.id))) as value_num,
    toInt64(10000) as value_den
from {{ ref('stg_evaluation_entry') }} v
inner join {{ ref('stg_indicator') }} i on i.id = v.indicator_id and i.tenant_id = v.tenant_id
inner join {{ ref('int_person_resolved') }} p on p.person_id = v.person_id and p.tenant_id = v.tenant_id
where i.source = 'imported' and v.tenant_id in {{ wanted_tenants() }}
group by tenant_id, period_key, subject_id, indicator_code
