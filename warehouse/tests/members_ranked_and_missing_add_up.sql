-- The parts of a branch add up to it, and its rank rests on the members that the drill-down shows.
select run_id, org_id, indicator_code
from {{ ref('fct_evaluation_org') }}
where members_ranked + members_missing <> members_evaluated
    or (share_den is null) <> (members_ranked = 0)
    or ifNull(share_num <> members_in_top or share_den <> members_ranked, false)
