select
    w.tenant_id as tenant_id,
    w.scheme_version_id as scheme_version_id,
    s.code as scheme_code,
    i.code as indicator_code,
    i.title as title,
    i.source as source,
    w.weight as weight,
    sum(w.weight) over (partition by w.scheme_version_id) as weight_total,
    s.top_share_bp as top_share_bp,
    s.formula_key as formula_key,
    {{ claim_columns() }}
from {{ ref('stg_scheme_item') }} w
inner join {{ ref('stg_scheme_version') }} s on s.id = w.scheme_version_id and s.tenant_id = w.tenant_id
inner join {{ ref('stg_indicator') }} i on i.id = w.indicator_id and i.tenant_id = w.tenant_id
