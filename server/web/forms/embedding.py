"""What to put in a site so that it sends a form: HTML, a few lines of script, or a program that signs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from relance.fold import identifier_of

_USUAL = ("prénom", "courriel")
_TYPES = {"courriel": "email", "telephone": "tel", "cellulaire": "tel"}


@dataclass(frozen=True, slots=True)
class EmbedCode:
    """A way of sending it: its key, what it is called, for whom, and the text to copy."""

    key: str
    title: str
    advice: str
    text: str


def codes(
    public_url: str, form: str, fields: Mapping[str, str], trap: str, *, signed: bool
) -> Sequence[EmbedCode]:
    """The three ways, those a signed form takes alone. `fields`: by the name they are sent under, what
    the visitor reads before each."""
    address = f"{public_url}/webhooks/forms/{quote(identifier_of(form))}"
    words = dict(fields) or {name: name for name in _USUAL}
    names = list(words)
    hook = EmbedCode(
        "webhook",
        "Programme, signé",
        "Pour un autre serveur : le secret du formulaire est dans [formulaires.secrets].",
        _webhook(address, names),
    )
    if signed:
        return (hook,)
    return (
        EmbedCode(
            "html",
            "HTML",
            "À coller dans une page d’un site permis.",
            _html(address, words, trap),
        ),
        EmbedCode(
            "fetch",
            "JavaScript",
            "Pour un formulaire que votre page gère elle-même.",
            _fetch(address, names),
        ),
        hook,
    )


def _html(address: str, words: Mapping[str, str], trap: str) -> str:
    lines = [f'<form method="post" action="{escape(address)}">']
    for name, label in words.items():
        kind = _TYPES.get(identifier_of(name), "text")
        label = escape(f"{label[:1].upper()}{label[1:]}")
        lines.append(f'  <label>{label} <input type="{kind}" name="{escape(name)}"></label>')
    lines += [
        f'  <input type="text" name="{escape(trap)}" hidden tabindex="-1" autocomplete="off">',
        "  <button>Envoyer</button>",
        "</form>",
    ]
    return "\n".join(lines)


def _fetch(address: str, names: Sequence[str]) -> str:
    fields = ", ".join(f"{_quoted(name)}: {_quoted('…')}" for name in names)
    return (
        f"const reponse = await fetch({_quoted(address)}, {{\n"
        '  method: "POST",\n'
        '  headers: { "content-type": "application/json" },\n'
        f"  body: JSON.stringify({{ {fields} }}),\n"
        "})\n"
        "// 201 : reçu. Sinon, reponse.json() dit ce qui est à corriger, champ par champ."
    )


def _webhook(address: str, names: Sequence[str]) -> str:
    fields = ", ".join(f"{_quoted(name)}: {_quoted('…')}" for name in names)
    return (
        "import base64, hashlib, hmac, json, time, urllib.request, uuid\n\n"
        'secret = base64.b64decode("…")  # ce qui suit whsec_\n'
        f"corps = json.dumps({{{fields}}}).encode()\n"
        "numero, instant = str(uuid.uuid4()), str(int(time.time()))\n"
        'a_signer = f"{numero}.{instant}.".encode() + corps\n'
        "signature = base64.b64encode(hmac.new(secret, a_signer, hashlib.sha256).digest()).decode()\n"
        f"urllib.request.urlopen(urllib.request.Request({_quoted(address)}, corps, {{\n"
        '    "content-type": "application/json",\n'
        '    "webhook-id": numero, "webhook-timestamp": instant, "webhook-signature": f"v1,{signature}",\n'
        "}))"
    )


def _quoted(text: str) -> str:
    """A text between quotes, as scripts of pages and Python both read it."""
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{inside}"'
