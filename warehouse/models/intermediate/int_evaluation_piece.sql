-- The committees in whose open runs a person is compared: what of int_evaluation_open changes with the person's attendance.
select distinct tenant_id, toUUID(subject_id) as person_id, org_id as piece
from {{ ref('int_evaluation_subject') }}
where subject_kind = 'person'
