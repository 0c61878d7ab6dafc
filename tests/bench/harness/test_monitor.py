from bench.harness.effects import DecisionEvent
from bench.harness.monitor import RunMonitor, Sample, cpu_us_per_event, throughput_window
from bench.harness.process import Usage


def events_at(*times_ms):
    return [DecisionEvent(str(n), str(n), "eligible", 0, (), at) for n, at in enumerate(times_ms)]


def test_the_first_batch_does_not_count_because_its_start_is_unknown():
    assert throughput_window(events_at(1_000, 1_000, 1_500, 3_000), 0) == (2, 2.0)


def test_warm_up_events_do_not_count():
    assert throughput_window(events_at(0, 0, 1_000, 2_000), 2) == (1, 1.0)


def test_without_events_the_throughput_is_zero():
    assert throughput_window([], 0) == (0, 0.0)


def monitor_with(baseline, first, last):
    monitor = RunMonitor(process=None, effects=None, data_set=None)
    monitor.baseline, monitor.first, monitor.last = (
        Sample(events, Usage(cpu_seconds, 0)) for events, cpu_seconds in (baseline, first, last)
    )
    return monitor


def test_the_cost_of_an_event_is_measured_from_the_first_effect_to_the_last():
    assert cpu_us_per_event(monitor_with((0, 1.0), (1_000, 2.0), (11_000, 2.5))) == 50.0


def test_if_the_first_sample_is_past_the_middle_the_cost_is_measured_from_the_baseline():
    assert cpu_us_per_event(monitor_with((0, 1.0), (6_000, 1.4), (10_000, 1.5))) == 50.0


def test_a_run_without_effects_has_no_cost():
    monitor = monitor_with((0, 0.0), (0, 0.0), (0, 0.0))
    monitor.first = None
    assert cpu_us_per_event(monitor) == 0.0
