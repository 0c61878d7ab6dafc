"""Start the service: `python -m services.reconciliation`."""

from services.reconciliation.app import PORT, create_app
from services.reconciliation.handlers import SERVICE
from shared.service import run

if __name__ == "__main__":
    run(create_app, SERVICE, PORT)
