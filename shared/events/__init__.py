"""Events on Kafka, one module for each owner; nothing is re-exported here.

An owner's module lists its events in `PUBLICATIONS`; `docs/events.md` and `docs/api/` are made from
them.
"""
