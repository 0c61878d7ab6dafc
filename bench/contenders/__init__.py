"""The contenders, each written as its framework's documentation shows; they share `work`."""
