"""Start the service: `python -m services.recognition`."""

from shared.service.launch import launch

if __name__ == "__main__":
    launch("services.recognition.app")
