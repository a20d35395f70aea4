"""A browser in words its owner recognises, from what it says it is."""

#: In this order: most browsers say they are several.
_BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def browser_name(agent: str) -> str:
    """« Firefox sur Windows »."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "Autre navigateur")
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), "")
    return f"{browser} sur {system}" if system else browser
