"""Reports of Studio in Looker: they lie in folders, can be searched for, and no call shows one whole or makes one."""

from looker_simulator.calls import Call, Operation, Reply
from looker_simulator.lists import Listing, answer
from looker_simulator.shapes import define

REPORTS = "reports"
_SEARCH = {"id": "ids", "title": "text", "folder_id": "ids"}
_REPORT = define("Report", {})


def _search(call: Call) -> Reply:
    return answer(call, list(call.world[REPORTS]), Listing(_REPORT, search=_SEARCH))


OPERATIONS = [Operation("search_reports", "GET", "/reports/search", _search, table=REPORTS)]
