{# Name and place of a row's organisation today, out of int_org_level under the given alias. Organisations are not persons. #}
{% macro org_columns(alias) -%}
    {{ alias }}.code as org_code,
    {{ alias }}.short_name as org_short_name,
    {{ alias }}.full_name as org_full_name,
    {{ alias }}.kind as org_kind,
    {{ alias }}.category as org_category,
    {{ parent_id(alias) }} as parent_org_id
{%- endmacro %}

{# The direct superior of an organisation, 0 for the root. #}
{% macro parent_id(alias) -%}
    toInt32(if({{ alias }}.depth = 0, 0, toInt32OrZero([{% for n in range(levels()) %}{{ alias }}.l{{ n }}{{ ", " if not loop.last }}{% endfor %}][{{ alias }}.depth])))
{%- endmacro %}

{# Number of levels of the tree that a mart carries: l0 is the root of the tenant. #}
{% macro levels() %}{{ return(10) }}{% endmacro %}

{# The scope columns of a mart, out of int_org_level under the given alias: what row security compares with the caller's roots. #}
{% macro scope_columns(alias) -%}
    {%- for n in range(levels()) -%}
    {{ alias }}.l{{ n }} as scope_l{{ n }},
    {% endfor -%}
    {{ alias }}.tree_version as tree_version
{%- endmacro %}

{#
  Whether all rows of the transaction that wrote this version have landed. Versions are epoch (16 bits) | commit LSN (64) | ordinal (32);
  a commit may begin exactly where everything before has landed, and only a first copy has ordinal 0.
#}
{% macro has_landed(version, applied) -%}
    {{ version }} <= {{ landed_bound(applied ~ '.epoch', applied ~ '.landed_lsn') }}
{%- endmacro %}

{# The greatest version that has certainly landed. #}
{% macro landed_bound(epoch, landed_lsn) -%}
    (bitShiftLeft(toUInt128({{ epoch }}), 96) + bitShiftLeft(toUInt128({{ landed_lsn }}), 32))
{%- endmacro %}

{# Period key of an indicator that is derived from dated records: the first and last day. #}
{% macro dates_key(starts_on, ends_on) -%}
    concat(toString({{ starts_on }}), '/', toString({{ ends_on }}))
{%- endmacro %}
