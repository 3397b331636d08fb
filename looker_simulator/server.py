"""Runs a simulated Looker on a real port: in a background thread for tests, in the foreground for everybody else."""

import asyncio
import contextlib
import itertools
import signal
import socket
import struct
import threading
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from looker_simulator import oracle, seed
from looker_simulator.accounting import Calls
from looker_simulator.app import Application
from looker_simulator.bends import Bends
from looker_simulator.control import control
from looker_simulator.faults import Faults
from looker_simulator.options import SimulatorError, SimulatorOptions
from looker_simulator.world import World

_SEND_BUFFER = 4 << 20
_START_SECONDS = 30
_TICK_SECONDS = 0.1


class _Server(uvicorn.Server):
    """Stops on signals without raising them again: to be told to stop is the normal end. `stop` ends it at once: uvicorn looks ten
    times a second whether it is to end, and then waits for as long again, which many short tests would pay for."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """End it from another thread, whatever it is answering."""
        self.should_exit = self.force_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        ticks = itertools.count()
        while not await self.on_tick(next(ticks)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if not self.force_exit:
            await super().shutdown(sockets)
            return
        for one in (*self.servers, *(sockets or ())):
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {kind: signal.signal(kind, self.handle_exit) for kind in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)


class Simulator:
    """A simulated Looker in this process: ``with Simulator(options) as looker: … looker.base_url``.

    The instance is built at once, unless *world* is one; the port opens on entry and closes on exit. It can be changed at any time
    through ``mutations.mutate``; ``faults`` and ``calls`` are live.
    """

    def __init__(self, options: SimulatorOptions | None = None, world: World | None = None) -> None:
        self.options = world.options if world is not None else options or SimulatorOptions()
        self.world: World = world if world is not None else seed.build(self.options)
        self._transports: dict[tuple[str, int], Any] = {}
        self.app = Application(self.world, self._cut)
        self._control = control(self.app)
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def calls(self) -> Calls:
        """Return the accounting."""
        return self.app.calls

    @property
    def faults(self) -> Faults:
        """Return the fault rules."""
        return self.app.faults

    @property
    def port(self) -> int:
        """Return the port in use; only valid while the simulator runs."""
        if self._socket is None:
            raise RuntimeError("the simulator is not running")
        return self._socket.getsockname()[1]

    @property
    def base_url(self) -> str:
        """Return the URL to give to clients, without ``/api``."""
        return f"http://{self.options.host}:{self.port}"

    @property
    def bends(self) -> Bends:
        """Return the bends, which can be changed at any time."""
        return self.world.bends

    def oracle(self, *, brief: bool = False) -> dict[str, Any]:
        """Return the whole state by natural keys, see ``oracle.dump``; compare two with ``oracle.differences``."""
        return oracle.dump(self.world, brief=brief)

    def revoke_tokens(self) -> None:
        """Make every token unknown, as if an admin had ended all sessions."""
        self.app.tokens.revoke()

    def __enter__(self) -> Self:
        self._open()
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.stop()
            self._thread.join(_START_SECONDS)
        self._close()

    def run(self, on_ready: Callable[[str], None] | None = None) -> None:
        """Serve until SIGINT or SIGTERM; *on_ready* gets the URL once the port is open."""
        self._open()
        try:
            if on_ready is not None:
                on_ready(self.base_url)
            self._run()
        finally:
            self._close()

    def _open(self) -> None:
        self._socket = socket.socket(
            socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
        )  # asyncio looks at the last
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((self.options.host, self.options.port))
        except OSError as exc:
            self._socket.close()
            where = f"{self.options.host}:{self.options.port}"
            raise SimulatorError(f"cannot listen on {where} ({exc.strerror}); --port 0 takes a free port") from exc
        self._socket.listen(256)
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            http=self._protocol(),
            timeout_keep_alive=120,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        self._server = _Server(config)

    def _run(self) -> None:
        assert self._server is not None
        assert self._socket is not None
        self._server.run(sockets=[self._socket])

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = scope["path"].startswith("/_sim/")
        await (self._control if inside else self.app)(scope, receive, send)

    def _protocol(self) -> type[Any]:
        transports = self._transports

        base: Any = AutoHTTPProtocol

        class Protocol(base):
            """Remembers its transport, so that a fault can cut it, and sends big pages in few writes."""

            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
                self._peer = tuple(transport.get_extra_info("peername"))
                transports[self._peer] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self._peer, None)
                super().connection_lost(exc)

        return Protocol

    def _cut(self, scope: Scope) -> None:
        transport = self._transports.get(tuple(scope["client"]))
        if transport is not None:
            linger = struct.pack("ii", 1, 0)  # reset instead of an orderly end
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()


def serve(options: SimulatorOptions, on_ready: Callable[[str], None] | None = None, world: World | None = None) -> None:
    """Run a simulated Looker until SIGINT or SIGTERM. Prints nothing; *on_ready* gets the URL once the port is open."""
    Simulator(options, world).run(on_ready)
