"""The labels of the Recognition Scheme: who has which, until when, and how many there were."""
