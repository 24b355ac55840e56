"""One pipeline over many shards: what is done with one, and the engines that run it on many cores or machines."""
