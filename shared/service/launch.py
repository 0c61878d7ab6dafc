"""The start of a service's process: imports first, then the service."""

import gc
from importlib import import_module


def launch(app: str) -> None:
    """Import a service's application by the name of its module, and run it; see `service.run`.

    Garbage is not looked for until everything is set up: there is none yet, and looking costs a
    tenth of the start, which after a crash is a tenth of the way back.
    """
    gc.disable()
    module = import_module(app)
    import_module("shared.service.app").run(module.create_app, module.SERVICE, module.PORT)
