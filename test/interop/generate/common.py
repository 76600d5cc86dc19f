"""What both generators share: how numbers are kept in a fixture, and the header that says where they come from."""

import json
import math
import platform
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "differential"


def plain(value):
    """A value as JSON can hold it: tensors and arrays as lists, numbers that JSON has no word for as strings."""
    if hasattr(value, "detach"):
        value = value.detach().tolist()
    elif hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value == int(value) and abs(value) < 1e15:
            return int(value)
    return value


def rounded(value, digits=9):
    """The same with so many significant digits: far more than the replay compares, far fewer than a double has."""
    value = plain(value)
    if isinstance(value, dict):
        return {key: rounded(entry, digits) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry, digits) for entry in value]
    if isinstance(value, float):
        return plain(float(f"{value:.{digits}g}"))
    return value


def write_fixture(name, header, entries):
    """One entry a line, so that a change of one shows as a change of one line."""
    versions = {"python": platform.python_version(), **header.pop("versions")}
    lines = ["{", f'"header": {json.dumps({**header, "versions": versions})},', '"cases": [']
    lines.append(",\n".join(json.dumps(entry, separators=(",", ":"), allow_nan=False) for entry in entries))
    lines.append("]}\n")
    path = FIXTURES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf8")
    print(f"{path.name}: {len(entries)} cases, {path.stat().st_size} bytes")
