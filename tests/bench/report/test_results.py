import pytest
from pydantic import ValidationError

from bench.report.results import PipelineFigures, load_results, write_results


def test_written_results_can_be_read_again(tmp_path, make_results):
    written = make_results(pipeline={"ours": PipelineFigures(what="", events_per_second=1.0)})
    write_results(written, tmp_path / "results.json")
    assert load_results(tmp_path / "results.json") == written


def test_an_unknown_part_is_an_error(make_results):
    with pytest.raises(ValidationError):
        make_results(others={})
