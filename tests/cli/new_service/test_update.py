"""A service takes over later changes of the template, and keeps what is its own."""

from tests.cli.new_service.project import READS

ANSWERS = "services/journal/.copier-answers.yml"
UPDATE = ("copier", "update", "--answers-file", ANSWERS, "--vcs-ref", "HEAD", "--defaults")


def test_a_changed_template_is_taken_over_by_a_service_that_was_made_before(project):
    project.new_service("journal", *READS)
    own = project.root / "services/journal"
    change(own / "rules.py", "happened_at: datetime\n", "happened_at: datetime  # in Hong Kong\n")
    project.commit()
    template = project.root / "templates/service/services/<<name>>"
    change(template / "Dockerfile.jinja", "STOPSIGNAL SIGTERM\n", "STOPSIGNAL SIGTERM\n# New.\n")
    project.commit()

    project.python(*UPDATE)

    assert "# New." in (own / "Dockerfile").read_text()
    assert "# in Hong Kong" in (own / "rules.py").read_text()
    assert set(project.changes()) == {ANSWERS, "services/journal/Dockerfile"}


def change(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
