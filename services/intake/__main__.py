"""Start the service: `python -m services.intake`."""

from shared.service.launch import launch

if __name__ == "__main__":
    launch("services.intake.app")
