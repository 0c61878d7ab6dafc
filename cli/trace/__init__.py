"""`cppp trace`: the path of one application through the topics, with times and waits."""
