"""The report: everything preflight knows about stacks, as one page and as a comment for a pull request."""
