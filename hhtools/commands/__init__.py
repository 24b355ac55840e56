"""One module a command: ``hh-unpack-kto`` is ``unpack_kto.py``, its stage above and its options below."""
