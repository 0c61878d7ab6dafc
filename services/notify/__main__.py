"""Start the service: `python -m services.notify`."""

from shared.service.launch import start

if __name__ == "__main__":
    start("services.notify.app")
