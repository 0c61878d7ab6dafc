"""Start the service: `python -m services.portal`."""

from shared.service.launch import launch

if __name__ == "__main__":
    launch("services.portal.app")
