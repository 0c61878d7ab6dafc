"""Start the service: `python -m services.eligibility`."""

from shared.starting import start

if __name__ == "__main__":
    start("services.eligibility.app")
