"""What the measured programs have in common: they do what they are told to, and tell what that cost.

They run under interpreters that know neither flowbind nor its tests, so this needs nothing but the standard library.
"""

import json
import sys
import time

CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}


def serve(works):
    """Do some work for each line of standard input; answer with the seconds of a call and the MB that it added.

    A line is a JSON list: the name of the work, the number of calls, and the clock.
    """
    print("ready", flush=True)
    for line in sys.stdin:
        name, calls, clock = json.loads(line)
        work, now, before = works[name], CLOCKS[clock], peak()
        start = now()
        for _ in range(calls):
            work()
        print(json.dumps([(now() - start) / calls, peak() - before]), flush=True)


def peak():
    """Return the most memory that this process has had, in MB; 0 where the system does not tell.

    Read where Linux keeps it for the program itself: `getrusage` also counts what the process that started it had.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000
    except OSError:
        return 0.0
