"""Takes one job after the other from the database and puts the result back."""

import json
import signal
import sys

from app.redis import Redis

JOB_SECONDS = "1"


def main() -> None:
    """Works until it is asked to stop, and finishes the job that it is at."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    with Redis() as redis:
        print("waiting for jobs", file=sys.stderr, flush=True)
        while not stopping:
            taken = redis("BLPOP", "jobs", JOB_SECONDS)
            if taken is None:
                continue
            job = json.loads(taken[1])
            result = f"results:{job['id']}"
            redis("RPUSH", result, job["text"].upper())
            redis("EXPIRE", result, "60")


if __name__ == "__main__":
    main()
