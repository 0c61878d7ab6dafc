"""The results file, and the page, tables and plots that are made from it.

Parts import `results` alone; `python -m bench` imports the rest.
"""
