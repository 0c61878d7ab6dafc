"""Start the service: `python -m services.intake`."""

from shared.starting import start

if __name__ == "__main__":
    start("services.intake.app")
