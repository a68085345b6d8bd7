-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    org_id,
    period_id,
    scheme_version_id,
    as_of_on,
    previous_run_id,
    state,
    version_no,
    close_lsn,
    digest,
    sealed_at,
    created_by,
    created_at,
    updated_at
from {{ source('raw', 'evaluation_run') }} final
where _deleted = 0
