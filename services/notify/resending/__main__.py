"""`python -m services.notify.resending`: the commands of `cppp mails` inside a container."""

from services.notify.resending.commands import mails

if __name__ == "__main__":
    mails(prog_name="python -m services.notify.resending")
