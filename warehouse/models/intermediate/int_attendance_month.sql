{{ config(materialized='kept', by='month', order_by='org_id, kind', follows='int_attendance') }}

-- Attendance of an organisation's meetings by calendar month: small, whatever the history.
select
    {{ built_at() }}, tenant_id, month, org_id, toString(kind) as kind, toInt64(countIf(is_present)) as present, toInt64(count()) as expected
from {{ ref('int_attendance') }}
where is_expected and (tenant_id, month) in (select arrayJoin({{ wanted_parts() }}))
group by tenant_id, month, org_id, kind
