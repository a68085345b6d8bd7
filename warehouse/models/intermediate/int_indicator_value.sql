-- A new indicator is one small model and one line here. period_key is the period, or for what is derived from dated records its dates.
{% for source in ['attendance_rate', 'imported'] %}
select tenant_id, period_key, subject_kind, subject_id, indicator_code, value_num, value_den
from {{ ref('int_indicator__' ~ source) }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
