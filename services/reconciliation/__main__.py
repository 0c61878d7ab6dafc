"""Start the service: `python -m services.reconciliation`."""

from shared.service.launch import start

if __name__ == "__main__":
    start("services.reconciliation.app")
