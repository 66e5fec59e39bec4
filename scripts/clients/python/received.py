"""What the programs have in common: one line for each event that the library hands over."""

import json
import sys

url = sys.argv[1]


def say(*words):
    print(*words, flush=True)


def received(type, data):
    """Prints the number in the event's data, as a program that expects JSON would read it."""
    if type == "gap":
        say("gap", data)
        return
    try:
        say("event", json.loads(data)["n"])
    except (ValueError, TypeError, KeyError):
        say("phantom", repr((type, data)))
