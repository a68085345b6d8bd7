-- Who is evaluated in a run, and for which branch: the branch of record.
select tenant_id, run_id, period_id, as_of_on, subject_id, group_org_id
from {{ ref('int_evaluation_subject') }}
where subject_kind = 'person'
