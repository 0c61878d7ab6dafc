"""The Grafana dashboards in deploy/grafana, as Python: `python -m devstack.dashboards`.

`pages/` says what each shows, `model` in which words, `building` turns them into Grafana's JSON.
"""
