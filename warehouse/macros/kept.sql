{#
  A table that the refresher (refresh/) keeps fresh, part by part: partitioned by tenant, or with by='month' by (tenant_id, month). The model
  becomes the view `<name>__rows`, which reads only what `wanted_parts()` names; the refresher computes the parts that may have changed and
  puts them in the place of the present ones. So a refresh costs what the change touches, however long the history and however many tenants.

  Config: order_by; by ('tenant' or 'month', default 'tenant'); and what touches a part, at least one of
    changes: landing tables, whose changed rows touch their tenant,
    follows: a kept table that it reads, whose touched parts (or their tenants) are touched here,
    asks: a question (below) that names touched parts, and the pieces of them that are touched.
  A table may say into which pieces a part falls that can be computed alone (the model then reads `wanted_pieces()`, too; the other pieces are copied from the present part):
    pieces: {column: of this table, names the piece}. The question names touched ones, or, when only rows of the table that it follows are other than before,
      by: a column of the followed table; from: a view (tenant_id, by, piece) that says which pieces a value of it is in.
  Everything that the model reads must be among them; the test "every source is watched" compares.

  A changed model is computed into a new table first and swapped, and nothing at all happens when it has not changed.

  How fresh it is stands in int_claim, written after the rows: what a table claims is never more than what it holds.
#}
{% materialization kept, adapter="clickhouse" %}
    {%- set target = this.incorporate(type="table") -%}
    {%- set table_name = this.schema ~ "." ~ this.identifier -%}
    {%- set rows_view = table_name ~ "__rows" -%}
    {%- set next_name = table_name ~ "__new" -%}
    {%- set order_by = config.require("order_by") -%}
    {%- set by = config.get("by", "tenant") -%}
    {%- set kept = {
        "kept": by, "reads": kept_behind(model.unique_id), "changes": config.get("changes", []), "follows": config.get("follows"),
        "asks": config.get("asks"), "pieces": config.get("pieces"), "model": local_md5(sql ~ order_by ~ definitions_behind(model.unique_id)),
    } -%}
    {%- set all_pieces = ", pieces = []" if kept.pieces else "" -%}
    {%- set comment = tojson(kept, sort_keys=true) -%}
    {%- set found = run_query("select comment from system.tables where database = '" ~ this.schema ~ "' and name = '" ~ this.identifier ~ "'") -%}

    {{ run_hooks(pre_hooks) }}
    {% if found.rows and found.rows[0][0] == comment %}
        {% call statement("main") %} select 1 {% endcall %}
    {% else %}
        {# What an earlier version used to keep it fresh would write into it as well. #}
        {% do run_query("drop view if exists " ~ table_name ~ "__refresh sync") %}
        {% do run_query("create or replace view " ~ rows_view ~ " as " ~ sql) %}
        {% do run_query("drop table if exists " ~ next_name ~ " sync") %}
        {% do run_query(
            "create table " ~ next_name ~ " engine = MergeTree partition by " ~ ("(tenant_id, month)" if by == "month" else "tenant_id")
            ~ " order by (" ~ order_by ~ ") settings allow_nullable_key = 1 empty as select * from " ~ rows_view
            ~ "(parts = [(0, '')]" ~ all_pieces ~ ") settings join_use_nulls = 1"
        ) %}
        {% do run_query("alter table " ~ next_name ~ " modify comment '" ~ comment ~ "'") %}
        {#- In the order and in pieces of the size that the refresher takes (refresh/compute.ts). -#}
        {%- set parts = run_query("select tenant_id, month from " ~ this.schema ~ ".int_part_" ~ by ~ " order by month, tenant_id") -%}
        {% for batch in parts.rows | batch([30, [6, parts.rows | length // 50] | max] | min) %}
            {%- set wanted = [] -%}
            {% for part in batch %}{% do wanted.append("(" ~ part[0] ~ ", '" ~ part[1] ~ "')") %}{% endfor %}
            {% do run_query(
                "insert into " ~ next_name ~ " select * from " ~ rows_view ~ "(parts = [" ~ wanted | join(", ")
                ~ "]" ~ all_pieces ~ ") settings join_use_nulls = 1, max_partitions_per_insert_block = 0"
            ) %}
        {% endfor %}
        {% if found.rows %}
            {% do run_query("exchange tables " ~ next_name ~ " and " ~ table_name) %}
            {% do run_query("drop table " ~ next_name ~ " sync") %}
        {% else %}
            {% do run_query("rename table " ~ next_name ~ " to " ~ table_name) %}
        {% endif %}
        {% call statement("main") %}
            insert into {{ this.schema }}.int_claim
            select '{{ this.identifier }}', _as_of, _as_of_lsn, _landed, _sources + cityHash64('{{ comment }}'), now64(3, 'UTC')
            from {{ this.schema }}.int_applied order by _built_at desc limit 1
        {% endcall %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# Names of the kept tables that a model reads, itself or through views: the refresher computes those first. #}
{% macro kept_behind(unique_id) -%}
    {%- set names = [] -%}
    {%- for id in graph.nodes[unique_id].depends_on.nodes if id in graph.nodes -%}
        {%- set node = graph.nodes[id] -%}
        {%- do names.extend([node.name] if node.config.materialized == "kept" else kept_behind(id)) -%}
    {%- endfor -%}
    {{ return(names | unique | sort) }}
{%- endmacro %}

{#
  A hash of what a model is made of, as it is deployed: views by their statements, kept tables by their comments, which name what these are made of.
  A view with another formula makes the tables over it other tables, although their own text is the same.
#}
{% macro definitions_behind(unique_id) -%}
    {%- set names = views_behind(unique_id) | unique | sort -%}
    {%- set found = run_query(
        "select toString(groupBitXor(cityHash64(database, name, if(position(comment, '\"kept\"') > 0, comment, create_table_query)))) from system.tables"
        ~ " where concat(database, '.', name) in ('" ~ names | join("', '") ~ "')"
    ) -%}
    {{ return(found.rows[0][0]) }}
{%- endmacro %}

{# A kept table's `built_at()` names tables that every round writes: they say nothing about its rows. #}
{% macro views_behind(unique_id) -%}
    {%- set names = [] -%}
    {%- for id in graph.nodes[unique_id].depends_on.nodes if id in graph.nodes and graph.nodes[id].name not in ['int_applied', 'int_claim'] -%}
        {%- set node = graph.nodes[id] -%}
        {%- do names.append(node.schema ~ "." ~ node.name) -%}
        {%- if node.config.materialized != "kept" -%}{%- do names.extend(views_behind(id)) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# When a row of a kept table was computed. #}
{% macro built_at() -%}
    {#- What the materialization and the refresher ask beside the model: all parts that there are, and what is claimed. -#}
    {%- do ref('int_part_tenant') -%}
    {%- do ref('int_part_month') -%}
    {%- do ref('int_applied') -%}
    {%- do ref('int_claim') -%}
    now64(3, 'UTC') as _built_at
{%- endmacro %}

{# A view with parameters: asked like a table function, e.g. `int_attendance_touched(since = 0)`. #}
{% materialization question, adapter="clickhouse" %}
    {%- set target = this.incorporate(type="view") -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") %} create or replace view {{ this.schema }}.{{ this.identifier }} as {{ sql }} {% endcall %}
    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# Parts of a kept table that are to be computed: Array(Tuple(tenant_id, month)), the month empty where it is kept by tenant. #}
{% macro wanted_parts() -%} {parts:Array(Tuple(Int32, String))} {%- endmacro %}

{# Pieces to be computed; none named: all. #}
{% macro wanted_pieces() -%} {pieces:Array(String)} {%- endmacro %}

{# Their tenants, to be used as `tenant_id in {{ wanted_tenants() }}`. #}
{% macro wanted_tenants() -%} (select arrayJoin(tupleElement({parts:Array(Tuple(Int32, String))}, 1))) {%- endmacro %}

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

{#
  The claim of a mart that is a view, as columns: of the kept table that it reads, the smallest of several, else of the landing tables. Constants are
  computed before the data is read.
#}
{% macro claim_columns(kept=none) -%}
    {%- for column in ['_as_of', '_as_of_lsn'] -%}
    {% if kept -%}
    (select min({{ column }}) from {{ claim_of(kept) }}) as {{ column }}
    {%- else -%}
    (select {{ column }} from {{ applied() }}) as {{ column }}
    {%- endif %}{{ "," if not loop.last }}
    {% endfor %}
{%- endmacro %}

{# What int_org_month is made of: the marts over it are as fresh as the older of the two. #}
{% macro org_month_tables() -%}
    {{ return(['int_count_month', 'int_attendance_month']) }}
{%- endmacro %}

{# What is claimed of a kept table, or of several, a row for each. #}
{% macro claim_of(kept) -%}
    (select * from {{ ref('int_claim') }} final where name in ('{{ ([kept] if kept is string else kept) | join("', '") }}'))
{%- endmacro %}
