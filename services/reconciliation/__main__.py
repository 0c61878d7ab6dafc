"""Start the service: `python -m services.reconciliation`."""

from shared.starting import start

if __name__ == "__main__":
    start("services.reconciliation.app")
