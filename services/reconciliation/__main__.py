"""Start the service: `python -m services.reconciliation`."""

from shared.service.launch import launch

if __name__ == "__main__":
    launch("services.reconciliation.app")
