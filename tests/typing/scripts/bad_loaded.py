"""Mistakes with loaded workflows: each line with "wrong" is one that a type checker has to report."""

from generated import Poster

import flowbind

loaded = flowbind.load("workflows/poster.json")
loaded[1.5] = 3  # wrong
loaded["KSampler", "scheduler", "x"] = 3  # wrong
loaded["KSampler", 7] = 3  # wrong
loaded("a lighthouse")  # wrong
flowbind.load(3)  # wrong
flowbind.load("a.json", "spec.json")  # wrong
flowbind.nodes(Poster())  # wrong
flowbind.nodes(loaded)[1.5]  # wrong
flowbind.nodes(loaded)["KSampler"][3] = 4  # wrong
flowbind.nodes(loaded)["KSampler"].titel.upper()  # wrong
