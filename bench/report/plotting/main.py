"""Draws the plots of docs/performance.md: `python main.py RESULTS.json FOLDER`.

`bench.report.plots` runs it in a virtual environment that has only matplotlib.
"""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "cppp"  # makes the file reproducible
mpl.rcParams["svg.fonttype"] = "none"
mpl.rcParams["axes.spines.top"] = mpl.rcParams["axes.spines.right"] = False

from matplotlib import pyplot as plt  # noqa: E402  # after the settings above

OURS, OTHERS = "#1b6e53", "#9aa5ad"


def pipeline(results, axes):
    """Events per second: the median of each contender as a bar, and every round as a dot."""
    found = [(n, e) for n, e in results["pipeline"].items() if e["events_per_second"]]
    found.sort(key=lambda each: each[1]["events_per_second"])
    names = [name for name, _ in found]
    speeds = [each["events_per_second"] for _, each in found]
    axes.barh(names, speeds, color=[OURS if name == "ours" else OTHERS for name in names])
    for place, (_, each) in enumerate(found):
        rounds = [r["events_per_second"] for r in each["rounds"]]
        axes.plot(rounds, [place] * len(rounds), "k.", markersize=4)
    axes.set_xlabel("events/s on one core: median (bar) and rounds (dots)")
    return bool(found)


def load(results, axes):
    """Latency by the rate of events."""
    found = [each for each in results["load"] if each["p99_ms"] is not None]
    for name in dict.fromkeys(each["contender"] for each in found):
        mine = [each for each in found if each["contender"] == name]
        rates = [each["events_per_second"] for each in mine]
        (line,) = axes.plot(rates, [e["p99_ms"] for e in mine], "o-", label=f"{name}, p99")
        p50 = [each["p50_ms"] for each in mine]
        axes.plot(rates, p50, "o--", color=line.get_color(), label=f"{name}, p50")
    axes.set(xlabel="events/s sent", ylabel="ms until the decision event", yscale="log")
    if found:
        axes.legend(frameon=False)
    return bool(found)


def scaling(results, axes):
    """Throughput by backlog, partitions and processes, each in a different colour."""
    found = results["growth"]
    kinds = list(dict.fromkeys(each["what"].split()[0] for each in found))
    names = [f"{each['value']:,} {each['what']}" for each in found]
    speeds = [each["events_per_second"] for each in found]
    colours = [f"C{kinds.index(each['what'].split()[0])}" for each in found]
    axes.barh(names, speeds, color=colours)
    axes.invert_yaxis()
    axes.set_xlabel("events/s")
    return bool(found)


def stages(results, axes):
    """CPU time per event in each stage, as one stacked bar."""
    ours = results["pipeline"].get("ours") or {}
    parts = dict(results["stages_us"])
    if ours.get("cpu_us_per_event") and parts:
        parts["Kafka, MongoDB, event loop"] = max(0, ours["cpu_us_per_event"] - sum(parts.values()))
    start = 0
    for name, cost in parts.items():
        axes.barh(["eligibility"], [cost], left=start, label=f"{name}: {cost:.1f}")
        start += cost
    axes.set_xlabel("CPU µs/event")
    if parts:
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.4), ncols=2)
    return bool(parts)


def platform(results, axes):
    """Processor time of one application by process, as one stacked bar for each pipeline."""
    found = {name: each for name, each in results["platform"].items() if each["cpu_ms"]}
    names = [name for name in ("documented", "ours", "baseline") if name in found]
    starts = dict.fromkeys(names, 0.0)
    for process in dict.fromkeys(part for name in names for part in found[name]["cpu_ms"]):
        costs = [found[name]["cpu_ms"].get(process, 0.0) for name in names]
        axes.barh(names, costs, left=[starts[name] for name in names], label=process)
        starts = {name: starts[name] + cost for name, cost in zip(names, costs, strict=True)}
    for name, total in starts.items():
        axes.text(total, name, f" {total:.1f} ms, {found[name]['mailed_per_second']:.0f}/s")
    axes.set_xlabel("CPU ms for one application, from POST to the last mail")
    axes.margins(x=0.15)
    if names:
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=4)
    return bool(names)


DRAWINGS = ((platform, 3), (pipeline, 4), (load, 4), (scaling, 4), (stages, 2))


def main(results_file, folder):
    """Draw every plot for which the results have figures."""
    results = json.loads(Path(results_file).read_text())
    for draw, height in DRAWINGS:
        figure, axes = plt.subplots(figsize=(8, height))
        if draw(results, axes):
            file = Path(folder) / f"{draw.__name__}.svg"
            figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    main(*sys.argv[1:])
