"""The eligibility service without its metrics, to show what they cost.

It is the service as it ships, but nothing is counted: neither by batch nor by decision, neither by
FastStream nor for commands of MongoDB. The product has no such switch.
"""

import runpy

from faststream import BaseMiddleware

from shared import mongo
from shared.consumer import subscriber
from shared.consumer.metrics import BatchMetrics
from shared.decisions.metrics import DecisionMetrics


def count_nothing(*_values, **_more):
    """Stand in for whatever counts."""


def no_middleware(**_options):
    """Stand in for FastStream's metrics: a middleware that does nothing."""
    return BaseMiddleware


with_metrics = mongo.open_database


def open_database(settings, name, metrics=None):  # noqa: ARG001  # as the service calls it
    """Open the database without a listener for commands."""
    return with_metrics(settings, name)


BatchMetrics.handled = BatchMetrics.show = BatchMetrics.held = count_nothing
DecisionMetrics.count = count_nothing
subscriber.KafkaPrometheusMiddleware = no_middleware
mongo.open_database = open_database
runpy.run_module("services.eligibility", run_name="__main__", alter_sys=True)
