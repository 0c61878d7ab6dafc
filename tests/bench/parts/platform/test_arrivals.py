from bench.parts.platform.arrivals import Arrivals


def test_lines_are_read_once_and_only_when_complete(tmp_path):
    file = tmp_path / "arrivals"
    arrivals = Arrivals(file)
    assert arrivals.count("bulk") == 0
    file.write_text("1025\n1.5 bulk-1@example.com\n2.5 bu")
    assert (arrivals.count("bulk"), arrivals.port) == (1, 1025)
    with file.open("a") as lines:
        lines.write("lk-1@example.com\n3.0 step25-7@example.com\n")
    assert arrivals.count("bulk") == 2
    assert arrivals.of("bulk") == {"bulk-1@example.com": [1.5, 2.5]}
    assert arrivals.count("step2") == 0
