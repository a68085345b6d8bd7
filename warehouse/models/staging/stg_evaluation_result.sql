-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    run_id,
    population_kind,
    population_org_id,
    subject_kind,
    subject_id,
    indicator_code,
    tenant_id,
    group_org_id,
    score_num,
    score_den,
    rank,
    of_n,
    is_top,
    prev_rank,
    created_at,
    updated_at
from {{ source('raw', 'evaluation_result') }} final
where _deleted = 0
