"""Starts a service's process: imports first, then the service."""

import gc
from importlib import import_module


def launch(app: str) -> None:
    """Import the module of a service's application and run it; see `shared.service.server.run`.

    Garbage collection is off until everything is set up: there is no garbage yet, and looking for
    it takes a tenth of the start, and so of the recovery after a crash.
    """
    gc.disable()
    import_module("shared.service.logs").configure_logs(app.split(".")[1])
    module = import_module(app)
    import_module("shared.service.server").run(module.create_app, module.SERVICE, module.PORT)
