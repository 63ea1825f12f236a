"""What the guests of clock/* print, from their documentation and the clock
that the case asks for."""

from datetime import datetime, timezone


def wall(case: dict) -> str:
    resolution = "resolution above 0: true, nanoseconds below a second: true\n"
    if case["args"] == ["free"]:
        return (
            "nanoseconds below a second: true\nafter the program was written: true\n"
            f"a minute apart at most: true\n{resolution}"
        )
    # Python's datetime has microseconds; the nanoseconds are read by themselves.
    whole, _, fraction = case["clock"]["wall"].removesuffix("Z").partition(".")
    time = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc)
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    since = time - epoch
    reading = f"{since.days * 86400 + since.seconds}.{fraction.ljust(9, '0')}\n"
    return reading + reading + resolution


DERIVATIONS = {"clock/wall": wall}
