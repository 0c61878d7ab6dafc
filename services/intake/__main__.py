"""Start the service: `python -m services.intake`."""

from shared.service.launch import start

if __name__ == "__main__":
    start("services.intake.app")
