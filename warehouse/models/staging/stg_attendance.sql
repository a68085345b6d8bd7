-- Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
{{ config(materialized='view') }}

select
    id,
    tenant_id,
    meeting_id,
    person_id,
    org_id_then,
    identity_then,
    should_attend,
    may_vote,
    state,
    checked_in_at,
    checked_out_at,
    source,
    corrected_at,
    created_at,
    updated_at
from {{ source('raw', 'attendance') }} final
where _deleted = 0
