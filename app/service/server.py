"""The server: uvicorn, as both platforms need it."""

import logging
import os
import socket
import time

import uvicorn

from service.application import application
from service.place import Place
from service.settings import Settings
from service.store import open_store

log = logging.getLogger(__name__)

# CloudFront takes 32 KB of request line and headers, and those in front of us add their own.
MAX_HEADER_BYTES = 64 * 1024


class Server(uvicorn.Server):
    """Says when it listens, and on which port."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        log.info("listening", extra={"fields": {"port": port, "start_ms": _age_ms()}})


def serve(settings: Settings, place: Place) -> None:
    """Answer until SIGTERM; then let the requests in flight end, and return."""
    in_lambda = place.served_by == "serverless"
    app = application(
        settings,
        place,
        open_store(settings.db_url),
        # The adapter's own default.
        events_path=os.environ.get("AWS_LWA_PASS_THROUGH_PATH", "/events"),
        is_stopping=lambda: server.should_exit,
    )
    server = Server(
        uvicorn.Config(
            app,
            host="0.0.0.0",  # noqa: S104 - the balancer comes from elsewhere
            port=settings.port,
            loop="asyncio",
            http="h11",
            ws="none" if in_lambda else "websockets-sansio",  # in Lambda no upgrade arrives, and it costs to import
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            timeout_keep_alive=settings.keep_alive_seconds,
            timeout_graceful_shutdown=settings.stop_seconds,
            log_config=None,
            access_log=False,
            proxy_headers=False,  # x-viewer-address says who asks
            headers=[("server", "switchyard")],
            server_header=False,
        )
    )
    server.run()


def _age_ms() -> int | None:
    """How long ago this process was started, interpreter and all; None where only Linux could tell."""
    try:
        with open("/proc/self/stat", encoding="utf-8") as stat:
            started = int(stat.read().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return None
    return round((time.clock_gettime(time.CLOCK_BOOTTIME) - started) * 1000)
