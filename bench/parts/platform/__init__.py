"""The part `platform`: applications from POST to the last mail, with everything on this machine.

`launcher.py` is run by the interpreter of the checkout that is measured; all else runs here.
Imported by `python -m bench`.
"""
