"""Date formats that differ from Django's own; ISO comes first for inputs because ``<input type="date">`` reads nothing else."""
