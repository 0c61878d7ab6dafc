import pytest
import typer

import bench.__main__ as command
from bench.report.results import RequestFigures, Results


@pytest.fixture
def results_file(tmp_path, monkeypatch):
    def broken(*_):
        raise BufferError

    intake = {"intake": {"single": RequestFigures(what="", per_second=7.0)}}
    monkeypatch.setattr(command, "PARTS", {"load": broken, "intake": lambda *_: intake})
    monkeypatch.setattr(command, "install_contender", lambda _contender: None)
    return tmp_path / "results.json"


def test_a_failed_part_is_reported_and_the_others_are_measured(results_file, capsys):
    with pytest.raises(typer.Exit) as end:
        command.main(size="quick", part=None, contender=None, results_file=results_file)

    assert end.value.exit_code == 1
    assert "load could not be measured: BufferError" in capsys.readouterr().out
    assert Results.model_validate_json(results_file.read_text()).intake["single"].per_second == 7.0


def test_names_and_sizes_given_on_the_command_line_reach_the_parts(results_file, monkeypatch):
    plans = []

    def measured(_contenders, plan):
        plans.append(plan)
        return {}

    monkeypatch.setattr(command, "PARTS", {"platform": measured})
    with pytest.raises(typer.Exit):
        command.main(
            size="quick",
            contender=["ours"],
            results_file=results_file,
            applications=70,
            baseline=results_file.parent,
        )
    assert (plans[0].applications, plans[0].slow_applications, plans[0].only) == (70, 70, ("ours",))
    assert plans[0].baseline == str(results_file.parent)
