-- How far the stream has come at this moment: the refresher notes it in int_applied before it reads anything else.
{{ applied_now(ref('stg_applied')) }}
