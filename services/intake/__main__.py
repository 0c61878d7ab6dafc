"""Start the service: `python -m services.intake`."""

from services.intake.app import PORT, SERVICE, create_app
from shared.service import run

if __name__ == "__main__":
    run(create_app, SERVICE, PORT)
