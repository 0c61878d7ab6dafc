"""Write `docs/api/` and `docs/events.md`: `python -m cli.api_docs`."""

from cli.api_docs.files import write

if __name__ == "__main__":
    write()
