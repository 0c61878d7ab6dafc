"""What a mail says and looks like. Reads templates and catalogues, does no other I/O.

Imported by `delivery`, `smtp`, `wiring`, the preview and the generator of the rules page.
"""
