"""An error of the database ends in logs: it never repeats the values of its statement."""

import ast
from pathlib import Path

from tests.each import of_each
from tests.house.modules import modules, name_of, nodes

_MAKERS = {"create_engine", "create_async_engine", "engine_from_config"}


@of_each(modules("server"), name_of)
def test_every_engine_hides_its_parameters(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in _MAKERS:
            said = {item.arg: ast.unparse(item.value) for item in node.keywords}
            assert said.get("hide_parameters") == "True", f"line {node.lineno}"
