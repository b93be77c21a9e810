"""From an instance to its result: checked, uploaded, posted, waited for, read."""
