{#
  Days on which somebody is a full or probationary member with a direct membership, of the wanted tenants: from `from_day`, until before
  `to_day`. A relation of one row for each membership and identity that hold together; people who were merged into another one are left out.
#}
{% macro membership_days() -%}
    (
        select
            m.tenant_id as tenant_id, m.person_id as person_id, m.org_id as org_id, m.id as membership_id, s.identity as identity,
            greatest(m.valid_from, s.valid_from) as from_day,
            least(ifNull(m.valid_to, toDate32('2299-12-31')), ifNull(s.valid_to, toDate32('2299-12-31'))) as to_day
        from {{ ref('stg_membership') }} m
        inner join {{ ref('stg_person_status') }} s on s.person_id = m.person_id and s.tenant_id = m.tenant_id
        inner join {{ ref('stg_person') }} p on p.id = m.person_id and p.tenant_id = m.tenant_id
        where m.tenant_id in {{ wanted_tenants() }} and m.kind = 'direct' and m.superseded_at is null and s.superseded_at is null
            and p.merged_into_id is null and s.identity in ('full_member', 'probationary_member')
            and from_day < to_day
    )
{%- endmacro %}
