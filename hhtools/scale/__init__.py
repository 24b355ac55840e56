"""The same pipelines over many shards: typed as in the shell, run in one process, in many, or on a cluster."""
