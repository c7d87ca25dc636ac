"""Problem: what stops a step, in words for the person who reads its log."""


class Problem(Exception):
    """The message says what went wrong, and what to do."""
