"""Start the service: `python -m services.notify`."""

from shared.service.launch import launch

if __name__ == "__main__":
    launch("services.notify.app")
