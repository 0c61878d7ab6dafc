"""Start the service: `python -m services.recognition`."""

from shared.service.launch import start

if __name__ == "__main__":
    start("services.recognition.app")
