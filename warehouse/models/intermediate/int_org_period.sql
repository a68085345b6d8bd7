-- The tree as it was on the last day of a period.
select
    p.tenant_id as tenant_id,
    p.id as period_id,
    v.org_id as org_id,
    v.parent_id as parent_id,
    v.full_name as full_name,
    v.kind as kind
from {{ ref('stg_evaluation_period') }} p
inner join {{ ref('stg_org_version') }} v on v.tenant_id = p.tenant_id
where v.superseded_at is null and v.valid_from <= p.ends_on and (v.valid_to is null or v.valid_to > p.ends_on)
