"""Start the service: `python -m services.eligibility`."""

from shared.service.launch import start

if __name__ == "__main__":
    start("services.eligibility.app")
