"""HTTP of every service: problem documents, metrics, flaws in JSON.

Imported by services, `shared.service`, `shared.decisions` and `cli`.
"""
