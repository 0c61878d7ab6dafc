"""What the service published, as its readers take it."""

from shared.events.recognition import LabelAwarded, RecognitionDecided


def kinds(events):
    return [dict(each.headers)["ce_type"].decode() for each in events]


def awards(events):
    return [
        LabelAwarded.model_validate_json(each.value, extra="forbid")
        for each, kind in zip(events, kinds(events), strict=True)
        if kind == "LabelAwarded"
    ]


def decisions(events):
    return [
        RecognitionDecided.model_validate_json(each.value, extra="forbid")
        for each, kind in zip(events, kinds(events), strict=True)
        if kind == "RecognitionDecided"
    ]
