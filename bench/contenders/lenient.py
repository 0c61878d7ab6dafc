"""Lets the event model take values that a framework has decoded from JSON already.

The model is strict, as the product validates from bytes: a day has to be a day. A framework that
decodes first hands over text instead, which the same model then has to turn into one. Import this
before the events.
"""

from pydantic import ConfigDict

from shared.events import envelope

envelope.EventData.model_config = ConfigDict(frozen=True, strict=False, extra="ignore")
