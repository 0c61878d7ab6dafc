"""What became of each mail, and the commands that send it again: `cppp mails`."""
