"""Contenders, each as its own documentation shows; what they share is `work`."""
