"""Pictures of the dashboards, with the data of a Prometheus: docs/screens/dashboard-*.png.

Grafana itself is not needed: panels are laid out as their files say, drawn by leather and
photographed by Chromium.
"""
