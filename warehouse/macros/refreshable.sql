{#
  A table that ClickHouse itself keeps fresh: a refreshable materialized view `<name>__refresh` writes it anew and swaps it in whole,
  so that a reader sees the old or the new rows, never a mixture. Three things differ from the adapter's own materialization:

  - The view waits for `depends` (DEPENDS ON), so a chain runs in order. What a table claims (_as_of_lsn) was read before its rows.
  - Nothing new in int_applied since the last build: the table is copied instead of computed. For that it holds one row of defaults
    (tenant_id 0) beside its own, which carries the claim of `marker`, so that an empty result, too, says how fresh it is.
  - A changed model is computed into a new table first and swapped, and nothing happens at all when it has not changed.

  Config: order_by; depends (refreshable models to wait for); marker (refreshable model whose claim this one takes over; without it the
  table is computed every time).
#}
{% materialization refreshable, adapter="clickhouse" %}
    {%- set target = this.incorporate(type="table") -%}
    {%- set view_name = this.schema ~ "." ~ this.identifier ~ "__refresh" -%}
    {%- set next_name = this.schema ~ "." ~ this.identifier ~ "__next" -%}
    {%- set table_name = this.schema ~ "." ~ this.identifier -%}
    {%- set order_by = config.require("order_by") -%}
    {%- set depends = config.get("depends", []) -%}
    {%- set every = var("refresh_every") -%}

    {%- set marker = config.get("marker") -%}
    {%- set schedule -%}
        refresh every {{ every }}
        {%- for name in depends %}{{ " depends on " if loop.first else ", " }}intermediate.{{ name }}__refresh{% endfor -%}
    {%- endset -%}
    {%- set fingerprint = local_md5(sql ~ schedule ~ order_by ~ marker ~ refresh_query("", "", "", marker)) -%}

    {{ run_hooks(pre_hooks) }}
    {%- set present = run_query("select name, comment from system.tables where database = '" ~ this.schema ~ "' and name in ('" ~ this.identifier ~ "', '" ~ this.identifier ~ "__refresh')") -%}
    {%- set comments = {} -%}
    {%- for row in present.rows -%}{%- do comments.update({row[0]: row[1]}) -%}{%- endfor -%}

    {% if this.identifier in comments and comments.get(this.identifier ~ "__refresh") == fingerprint %}
        {% call statement("main") %} select 1 {% endcall %}
    {% else %}
        {% do run_query("drop view if exists " ~ view_name ~ " sync") %}
        {% do run_query("drop table if exists " ~ next_name ~ " sync") %}
        {% do run_query("create table " ~ next_name ~ " engine = MergeTree order by (" ~ order_by ~ ") settings allow_nullable_key = 1 empty as " ~ sql) %}
        {%- set defaults = marker_row(this.schema, this.identifier ~ "__next", marker) if marker else "" -%}
        {% call statement("main") %} insert into {{ next_name }} {{ sql }} {{ "union all " ~ defaults if marker }} settings join_use_nulls = 1 {% endcall %}
        {% if this.identifier in comments %}
            {% do run_query("exchange tables " ~ next_name ~ " and " ~ table_name) %}
            {% do run_query("drop table " ~ next_name ~ " sync") %}
        {% else %}
            {% do run_query("rename table " ~ next_name ~ " to " ~ table_name) %}
        {% endif %}
        {% do run_query("create materialized view " ~ view_name ~ " " ~ schedule ~ " to " ~ table_name ~ " as " ~ refresh_query(sql, defaults, table_name, marker) ~ " settings join_use_nulls = 1 comment '" ~ fingerprint ~ "'") %}
    {% endif %}
    {{ run_hooks(post_hooks) }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{#
  min, not max: rows and marker are read from two names of one chain, and should they ever fall on both sides of a swap, the table counts as
  old and is built again. Named directly, because a materialization is not a model and cannot hold a ref; `depends` gives the order.
#}
{% macro refresh_query(sql, defaults, table_name, marker) %}
    {%- if not marker -%}
        {{ return(sql) }}
    {%- endif -%}
    {%- set is_new -%}
        (select min(_as_of_lsn) from intermediate.int_applied) <> (select min(_as_of_lsn) from {{ table_name }})
    {%- endset -%}
    {%- set query -%}
        select * from ({{ sql }}) where {{ is_new }}
        union all
        select * from ({{ defaults }}) where {{ is_new }}
        union all
        select * from {{ table_name }} where not ({{ is_new }})
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}

{# A row of defaults with the claim of another refreshable model, columns as in the table that was just made. #}
{% macro marker_row(schema, table, marker) %}
    {%- set found = run_query("select name, type from system.columns where database = '" ~ schema ~ "' and table = '" ~ table ~ "' order by position") -%}
    {%- set columns = [] -%}
    {%- for row in found.rows -%}
        {%- if row[0] in ("_as_of", "_as_of_lsn") -%}
            {%- do columns.append("min(" ~ row[0] ~ ") as " ~ row[0]) -%}
        {%- elif row[0] == "_built_at" -%}
            {%- do columns.append("now64(3, 'UTC') as _built_at") -%}
        {%- else -%}
            {%- do columns.append("defaultValueOfTypeName('" ~ row[1] | replace("'", "\\'") ~ "') as " ~ row[0]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return("select " ~ columns | join(", ") ~ " from intermediate." ~ marker) }}
{% endmacro %}
