"""What stands before the pages: headers of every answer, limits, and errors as pages."""
