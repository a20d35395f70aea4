"""The origin of a web address: what browsers mean by « the same site »."""

from urllib.parse import urlsplit


def origin_of(address: str) -> str | None:
    """The origin (scheme, host, port) of a web address; None for anything else."""
    if any(ord(letter) <= 32 or letter == "\\" for letter in address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
