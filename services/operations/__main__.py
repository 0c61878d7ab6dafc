"""Start the service: `python -m services.operations`."""

from shared.service.launch import launch

if __name__ == "__main__":
    launch("services.operations.app")
