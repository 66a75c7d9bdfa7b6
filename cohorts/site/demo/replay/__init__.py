"""The campaigns of the report, replayed: the reported figures come out of queries over what the workflow functions wrote."""
