"""Traces with OpenTelemetry: off unless its own variables ask for them, see docs/tracing.md.

`context` knows no SDK and costs nothing; `tracer` is imported only while tracing is on.
"""
