-- A mart that is a view is as fresh as the landing tables; one that is built says when.
{% set months = org_month_tables() %}
{% set built = {
    'fct_evaluation_value': 'int_evaluation_open', 'fct_evaluation_rank': 'int_evaluation_open', 'fct_evaluation_org': 'int_evaluation_open',
    'agg_org_month': months, 'agg_subtree_month': months, 'wall_org_month': months,
    'dim_org': 'int_org_level', 'fct_attendance': 'int_attendance',
} %}
{% set read = ['dim_org_period', 'dim_period', 'dim_indicator', 'fct_meeting', 'fct_obligation'] %}
{% for mart, table in built.items() %}
select '{{ mart }}' as mart, min(_as_of) as _as_of, min(_as_of_lsn) as _as_of_lsn, min(_built_at) as built_at
from {{ claim_of(table) }}
having count() > 0
union all
{% endfor %}
{% for mart in read %}
select '{{ mart }}' as mart, _as_of, _as_of_lsn, _built_at as built_at
from {{ applied() }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
