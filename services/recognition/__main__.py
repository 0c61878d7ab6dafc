"""Start the service: `python -m services.recognition`."""

from services.recognition.app import PORT, create_app
from services.recognition.handlers import SERVICE
from shared.service import run

if __name__ == "__main__":
    run(create_app, SERVICE, PORT)
