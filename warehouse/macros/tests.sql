{# The grain of a model: no two rows agree in all of these columns. #}
{% test one_row_per(model, columns) %}
select {{ columns | join(", ") }}, count() as n
from {{ model }}
group by {{ columns | join(", ") }}
having n > 1
{% endtest %}

{# Where the scope of a row is known at all, its own organisation is the last of its levels. #}
{% test scope_ends_at(model, column) %}
select {{ column }}
from {{ model }}
where not has([{% for n in range(levels()) %}scope_l{{ n }}{{ ", " if not loop.last }}{% endfor %}], toString({{ column }}))
{% endtest %}
