"""Reading requests and answering with problems. Imported by every folder of intake but `store`."""
