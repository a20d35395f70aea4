"""A report as a file that a browser is handed: CSV, a workbook, or JSON."""

import tempfile
from asyncio import to_thread
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.responses import Response

from relance.legible import in_json
from relance.report import Report, ReportSet
from server.exports.report import write, write_set
from server.reports.as_json import as_json

#: By how its name ends, what each is.
KINDS: Mapping[str, str] = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json; charset=utf-8",
}


async def file_of(report: Report | ReportSet, ending: str, name: str, zone: ZoneInfo) -> Response:
    """That file, under that name; CSV holds one report only."""
    content = await to_thread(_content, report, ending, zone)
    headers = {"content-disposition": f'attachment; filename="{name}{ending}"'}
    return Response(content, 200, headers, KINDS[ending])


def _content(report: Report | ReportSet, ending: str, zone: ZoneInfo) -> bytes:
    if ending == ".json":
        return in_json(as_json(report)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"rapport{ending}"
        if isinstance(report, Report):
            write(report, path, zone)
        else:
            write_set(report, path, zone)
        return path.read_bytes()
