"""Start the service: `python -m services.eligibility`."""

from services.eligibility.app import PORT, create_app
from services.eligibility.handlers import SERVICE
from shared.service import run

if __name__ == "__main__":
    run(create_app, SERVICE, PORT)
