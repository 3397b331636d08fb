"""A running simulator and a client that is nothing but requests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from looker_simulator import Simulator, SimulatorOptions


class Client:
    """Speaks to one simulator; logs in on creation."""

    def __init__(self, base_url: str, client_id: str = "simulator", client_secret: str = "simulator-secret") -> None:
        self.base_url = base_url
        self.session = requests.Session()
        form = {"client_id": client_id, "client_secret": client_secret}
        token = self.session.post(f"{base_url}/api/4.0/login", data=form, timeout=10).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, path: str, method: str = "GET", **params: Any) -> requests.Response:
        """Return the response to one request."""
        return self.session.request(method, f"{self.base_url}/api/4.0{path}", params=params, timeout=10)

    def send(self, method: str, path: str, body: Any = None, **params: Any) -> requests.Response:
        """Return the response to a write with a JSON body."""
        return self.session.request(method, f"{self.base_url}/api/4.0{path}", json=body, params=params, timeout=10)

    def post(self, path: str, body: Any, **params: Any) -> Any:
        """Return the JSON of a successful POST."""
        response = self.send("POST", path, body, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def patch(self, path: str, body: Any) -> Any:
        """Return the JSON of a successful PATCH."""
        response = self.send("PATCH", path, body)
        assert response.status_code == 200, response.text
        return response.json()

    def delete(self, path: str) -> None:
        """Delete something that can be deleted."""
        response = self.send("DELETE", path)
        assert response.status_code == 204, response.text

    def refusal(self, method: str, path: str, body: Any = None, **params: Any) -> tuple[int, set[tuple[str, str]]]:
        """Return the status of a refused write, and field and code of each problem."""
        response = self.send(method, path, body, **params)
        assert response.status_code >= 400, response.text
        return response.status_code, {(one["field"], one["code"]) for one in response.json().get("errors", ())}

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON of a successful GET."""
        response = self.ask(path, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def ids(self, path: str, **params: Any) -> list[str]:
        """Return the ids in a list."""
        return [row["id"] for row in self.get(path, **params)]


@pytest.fixture(scope="session")
def looker() -> Iterator[Simulator]:
    """A small instance that no test changes."""
    with Simulator(SimulatorOptions(scale="small")) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def api(looker: Simulator) -> Client:
    """The admin's client of the shared instance."""
    return Client(looker.base_url)


@pytest.fixture(scope="session")
def viewer(looker: Simulator) -> Client:
    """A client without admin rights."""
    return Client(looker.base_url, "viewer", "viewer-secret")


@pytest.fixture
def fresh() -> Iterator[Callable[..., tuple[Simulator, Client]]]:
    """Start an instance of one's own: ``simulator, client = fresh(page_cap=3)``."""
    running: list[Simulator] = []

    def start(**options: Any) -> tuple[Simulator, Client]:
        chosen: dict[str, Any] = {"scale": "tiny"} | options
        simulator = Simulator(SimulatorOptions(**chosen)).__enter__()
        running.append(simulator)
        return simulator, Client(simulator.base_url)

    yield start
    for simulator in running:
        simulator.__exit__(None, None, None)


@pytest.fixture(scope="module")
def scratch() -> Iterator[tuple[Simulator, Client]]:
    """An instance that the tests of one module may change, each in its own corner."""
    with Simulator(SimulatorOptions(scale="tiny", id_offset=500)) as simulator:
        yield simulator, Client(simulator.base_url)


@pytest.fixture
def w(scratch: tuple[Simulator, Client]) -> Client:
    """The admin's client of the instance that may be changed."""
    return scratch[1]
