"""Start the service: `python -m services.notify`."""

from services.notify.announcing import SERVICE
from services.notify.app import PORT, create_app
from shared.service import run

if __name__ == "__main__":
    run(create_app, SERVICE, PORT)
