"""Queries that hold for any number of instances of a service.

Counters and histograms are summed over instances. Gauges that every instance reports of all are
not: there the highest counts.
"""

_RATE = "[$__rate_interval]"


def per_second(metric: str, *by: str, where: str = "") -> str:
    """Return how often a counter grows in a second, by labels."""
    return f"sum{_by(by)} (rate({metric}{_where(where)}{_RATE}))"


def per_minute(metric: str, *by: str, where: str = "") -> str:
    """Return how often a counter grows in a minute, by labels."""
    return f"60 * {per_second(metric, *by, where=where)}"


def in_range(metric: str, *by: str, where: str = "") -> str:
    """Return by how much a counter has grown in the time that the dashboard shows."""
    return f"round(sum{_by(by)} (increase({metric}{_where(where)}[$__range])))"


def quantile(share: float, histogram: str, *by: str, where: str = "") -> str:
    """Return the value that this share of observations does not exceed, by labels."""
    buckets = per_second(f"{histogram}_bucket", *by, "le", where=where)
    return f"histogram_quantile({share}, {buckets})"


def quantiles(histogram: str, where: str = "") -> dict[str, str]:
    """Return the median and the two quantiles of which objectives speak, by legend."""
    shares = {"half": 0.5, "95 %": 0.95, "99 %": 0.99}
    return {each: quantile(share, histogram, where=where) for each, share in shares.items()}


def mean(histogram: str, *by: str, where: str = "") -> str:
    """Return the mean of a histogram's observations, by labels."""
    total = per_second(f"{histogram}_sum", *by, where=where)
    return f"{total} / {per_second(f'{histogram}_count', *by, where=where)}"


def highest(gauge: str, *by: str, where: str = "") -> str:
    """Return a gauge that several instances report of the same thing, by labels."""
    return f"max{_by(by)} ({gauge}{_where(where)})"


def total(gauge: str, *by: str, where: str = "") -> str:
    """Return a gauge of which each instance reports a part, by labels."""
    return f"sum{_by(by)} ({gauge}{_where(where)})"


def within(seconds: str, step_from: str, step_to: str, window: str) -> str:
    """Return the share of applications that took a step within so many seconds."""
    steps = f'from="{step_from}",to="{step_to}"'
    good = f'sum(increase(cppp_end_to_end_seconds_bucket{{{steps},le="{seconds}"}}[{window}]))'
    return f"{good} / sum(increase(cppp_end_to_end_seconds_count{{{steps}}}[{window}]))"


def above_zero(query: str, label: str, most: int = 0) -> str:
    """Return what is not 0, the greatest ones if there is a limit; else `none`, which is 0.

    For labels of which most values never occur.
    """
    chosen = f"topk({most}, {query})" if most else query
    return f'{chosen} > 0 or on () label_replace(vector(0), "{label}", "none", "", "")'


def _by(labels: tuple[str, ...]) -> str:
    return f" by ({', '.join(labels)})" if labels else ""


def _where(conditions: str) -> str:
    return f"{{{conditions}}}" if conditions else ""
