"""Start the service: `python -m services.eligibility`."""

from shared.service.launch import launch

if __name__ == "__main__":
    launch("services.eligibility.app")
