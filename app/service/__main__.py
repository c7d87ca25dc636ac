"""The image's entry point: `python -m service`. Secrets, settings, server.

Exit status: 0 after SIGTERM, 78 (EX_CONFIG) for settings or secrets that can't be used.
"""

import logging
import os
import signal
import sys

from service import logs, secrets
from service.place import Place
from service.settings import BadSettings, Settings


def main() -> int:
    # As process 1 of a container there would be no default action, and uvicorn raises the signal again when it is done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    place = Place.of(os.environ)
    try:
        logs.set_up(place, Settings.of(os.environ).log_level)
        fetching = secrets.fetch(os.environ)
        from service.server import serve  # noqa: PLC0415 - takes as long as secrets do: both at once

        os.environ |= fetching()
        settings = Settings.of(os.environ)
    except (BadSettings, secrets.Unresolved) as problem:
        logs.set_up(place, "info")
        for line in str(problem).splitlines():
            logging.getLogger("service").error(line)
        return 78
    serve(settings, place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
