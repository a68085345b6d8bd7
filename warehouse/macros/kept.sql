{#
  A table that the refresher (refresh/) keeps fresh: the model becomes the view `<name>__rows`, and the refresher writes its rows into
  the table again whenever the stream has brought something. Readers see the rows of before or of after, never a mixture.

  Config: order_by; step (default 1; tables of step 2 may read those of step 1); and for a table that grows with history
  partition_by=true: it is partitioned by (tenant_id, month), its model reads only what `wanted_parts()` names, and the
  model `<name>_touched` says which parts have changed, so that a refresh costs what the change costs.

  A changed model is computed into a new table first and swapped, and nothing at all happens when it has not changed.

  Beside its own rows every table has one row of defaults (tenant_id 0) that carries the claim, so that an empty result, too, says how
  fresh it is.
#}
{% materialization kept, adapter="clickhouse" %}
    {%- set target = this.incorporate(type="table") -%}
    {%- set table_name = this.schema ~ "." ~ this.identifier -%}
    {%- set rows_view = table_name ~ "__rows" -%}
    {%- set next_name = table_name ~ "__new" -%}
    {%- set order_by = config.require("order_by") -%}
    {%- set by_month = config.get("partition_by", false) -%}
    {%- set step = config.get("step", 1) -%}
    {%- set comment = tojson({"kept": "months" if by_month else "whole", "step": step, "model": local_md5(sql ~ order_by)}, sort_keys=true) -%}
    {%- set found = run_query("select comment from system.tables where database = '" ~ this.schema ~ "' and name = '" ~ this.identifier ~ "'") -%}

    {{ run_hooks(pre_hooks) }}
    {% if found.rows and found.rows[0][0] == comment %}
        {% call statement("main") %} select 1 {% endcall %}
    {% else %}
        {# What an earlier version used to keep it fresh would write into it as well. #}
        {% do run_query("drop view if exists " ~ table_name ~ "__refresh sync") %}
        {% do run_query("create or replace view " ~ rows_view ~ " as " ~ sql) %}
        {% do run_query("drop table if exists " ~ next_name ~ " sync") %}
        {%- set rows = rows_view ~ ("(parts = [(0, '')])" if by_month else "") -%}
        {% do run_query(
            "create table " ~ next_name ~ " engine = MergeTree" ~ (" partition by (tenant_id, month)" if by_month else "")
            ~ " order by (" ~ order_by ~ ") settings allow_nullable_key = 1 empty as select * from " ~ rows ~ " settings join_use_nulls = 1"
        ) %}
        {% do run_query("alter table " ~ next_name ~ " modify comment '" ~ comment ~ "'") %}
        {% if by_month %}
            {# The model of what is touched may read the table, so it comes later; at first everything is. #}
            {%- set parts = run_query(config.require("all_parts")) -%}
            {% for batch in parts.rows | batch(6) %}
                {%- set wanted = [] -%}
                {% for part in batch %}{% do wanted.append("(" ~ part[0] ~ ", '" ~ part[1] ~ "')") %}{% endfor %}
                {% do run_query("insert into " ~ next_name ~ " select * from " ~ rows_view ~ "(parts = [" ~ wanted | join(", ") ~ "]) settings join_use_nulls = 1") %}
            {% endfor %}
        {% else %}
            {% do run_query("insert into " ~ next_name ~ " select * from " ~ rows_view ~ " settings join_use_nulls = 1") %}
        {% endif %}
        {% call statement("main") %} {{ claim_row(next_name, by_month) }} {% endcall %}
        {% if found.rows %}
            {% do run_query("exchange tables " ~ next_name ~ " and " ~ table_name) %}
            {% do run_query("drop table " ~ next_name ~ " sync") %}
        {% else %}
            {% do run_query("rename table " ~ next_name ~ " to " ~ table_name) %}
        {% endif %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# The row that carries a table's claim; every other column has the default of its type. #}
{% macro claim_row(table_name, by_month) %}
    {%- set columns = "_as_of, _as_of_lsn" ~ (", _landed, _sources" if by_month) -%}
    insert into {{ table_name }} ({{ columns }}, _built_at) select {{ columns }}, now64(3, 'UTC') from intermediate.int_applied order by _built_at desc limit 1
{% endmacro %}

{# A view with parameters: asked like a table function, e.g. `int_attendance_touched(since = 0)`. #}
{% materialization question, adapter="clickhouse" %}
    {%- set target = this.incorporate(type="view") -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") %} create or replace view {{ this.schema }}.{{ this.identifier }} as {{ sql }} {% endcall %}
    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# Parts of a partitioned table that are to be computed: Array(Tuple(tenant_id, month)). #}
{% macro wanted_parts() -%} {parts:Array(Tuple(Int32, String))} {%- endmacro %}

{# A row of int_applied: how far the stream has come, and whether the landing tables are still those of the last time. #}
{% macro applied_now(relation) %}
    select
        s.as_of as _as_of,
        s.as_of_lsn as _as_of_lsn,
        s.as_of_lsn_text as as_of_lsn_text,
        greatest(s.as_of_lsn, s.checked_lsn) as landed_lsn,
        s.epoch as epoch,
        {{ landed_bound('s.epoch', 'greatest(s.as_of_lsn, s.checked_lsn)') }} as _landed,
        (select groupBitXor(cityHash64(name, uuid)) from system.tables where database = 'raw' and not startsWith(name, '_'))
            + (select groupBitXor(cityHash64(*)) from raw._copied final) as _sources,
        now64(3, 'UTC') as _built_at
    from {{ relation }} s
{% endmacro %}

{# The newest row of int_applied. Read it as a table and the data through views: a table is fixed before any view is opened. #}
{% macro applied() -%}
    (select * from {{ ref('int_applied') }} order by _built_at desc limit 1)
{%- endmacro %}

{# The claim of a kept table, for those that are made of it. #}
{% macro claim_of(model) -%}
    (select _as_of, _as_of_lsn from {{ ref(model) }} where tenant_id = 0)
{%- endmacro %}

{# The claim of a mart that is a view, as columns: of the kept table that it reads, else of the landing tables. Constants are computed before the data is read. #}
{% macro claim_columns(kept=none) -%}
    {%- set claim = claim_of(kept) if kept else applied() -%}
    (select _as_of from {{ claim }}) as _as_of,
    (select _as_of_lsn from {{ claim }}) as _as_of_lsn
{%- endmacro %}
