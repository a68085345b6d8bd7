-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    duty_key,
    subject_kind,
    subject_id,
    org_id,
    period_key,
    due_on,
    state,
    fulfilled_by_kind,
    fulfilled_by_id,
    fulfilled_on,
    rule_parameter_id,
    created_at,
    updated_at
from {{ source('raw', 'obligation') }} final
where _deleted = 0
