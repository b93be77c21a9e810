"""From an instance to its result: submitted, waited for, read."""
