-- A mart that is a view is as fresh as the landing tables; one that is built says when.
{% set built = {
    'fct_evaluation_value': 'int_evaluation_open', 'fct_evaluation_rank': 'int_evaluation_open', 'fct_evaluation_org': 'int_evaluation_open',
    'agg_org_month': 'int_org_month', 'agg_subtree_month': 'int_org_month', 'wall_org_month': 'int_org_month',
    'dim_org': 'int_org_level', 'fct_attendance': 'int_attendance',
} %}
{% set read = ['dim_org_period', 'dim_period', 'dim_indicator', 'fct_meeting', 'fct_obligation'] %}
{% for mart, table in built.items() %}
select '{{ mart }}' as mart, _as_of, _as_of_lsn, _built_at as built_at
from {{ ref('int_claim') }} final
where name = '{{ table }}'
union all
{% endfor %}
{% for mart in read %}
select '{{ mart }}' as mart, _as_of, _as_of_lsn, _built_at as built_at
from {{ applied() }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
