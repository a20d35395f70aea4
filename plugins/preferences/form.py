"""The page itself: boxes and two buttons, no script; what is said of other addresses is half hidden."""

from collections.abc import Mapping
from html import escape

from starlette.responses import Response

from plugins.kit.page import page
from plugins.preferences.choices import NOTHING_MORE, ChannelLine, Choices
from relance.preferences import ChannelAddress

TITLE = "Vos préférences"
_FORM = """\
{said}<form method="post">
{fields}<div><button type="submit">Enregistrer</button></div>
</form>
<form method="post">
<input type="hidden" name="tout" value="rien">
<p class="note">Ou, d’un seul geste, sur tous les canaux :</p>
<div><button type="submit" class="quiet">{nothing}</button></div>
</form>
<p class="note">Regarder cette page ne change rien.</p>
"""
_GROUP = "<fieldset>\n<legend>{legend}</legend>\n{boxes}</fieldset>\n"
_BOX = """\
<input type="hidden" name="vu" value="{key}">
<div class="choice"><input type="checkbox" id="{key}" name="choix" value="{key}"{state}{described}>
<label for="{key}">{words}</label>{hint}</div>
"""
_HINT = '<p class="note" id="{key}-note">{note}</p>'
_LANGUAGE = """\
<label for="langue">Votre langue</label>
<select id="langue" name="langue">
{options}</select>
"""
_DONE = '<p role="status"><strong>{said}</strong></p>\n'
_BACK = "Pour y revenir, il faut un lien reçu à cette adresse même, ou l’accord du navigateur."


def shown(
    choices: Choices, languages: Mapping[str, str], spoken: str, said: str | None = None
) -> Response:
    """The page as things stand; `said`: what has just been done."""
    fields = _group("Par où nous vous écrivons", "".join(map(_channel, choices.channels)))
    boxes = "".join(_box(one.key, one.purpose.words, one.on) for one in choices.purposes)
    fields += _group("Ce que vous acceptez", boxes)
    if languages:
        fields += _languages(languages, spoken)
    done = "" if said is None else _DONE.format(said=said)
    return page(TITLE, _FORM.format(said=done, fields=fields, nothing=NOTHING_MORE))


def refused_site() -> Response:
    """To a page of another site that posts here."""
    said = "<p>Ouvrez plutôt le lien du message que vous avez reçu.</p>"
    return page("Ce site ne peut pas changer vos préférences", said, 403)


def not_theirs() -> Response:
    """To the holder of an address that the lead no longer has."""
    said = "<p>Cette adresse n’est plus dans votre fiche : nous ne vous y écrivons plus.</p>"
    return page("Ce lien n’est plus valable", said, 410)


def _group(legend: str, boxes: str) -> str:
    return _GROUP.format(legend=legend, boxes=boxes) if boxes else ""


def _channel(line: ChannelLine) -> str:
    note = _place(line.where)
    if not line.open:
        note = f"{note} {_BACK}"
    return _box(line.key, line.words, line.on, note, closed=not line.open)


def _box(key: str, words: str, on: bool, note: str = "", *, closed: bool = False) -> str:
    name = escape(key)
    return _BOX.format(
        key=name,
        state=(" checked" if on else "") + (" disabled" if closed else ""),
        described=f' aria-describedby="{name}-note"' if note else "",
        words=escape(words),
        hint=_HINT.format(key=name, note=escape(note)) if note else "",
    )


def _place(where: ChannelAddress) -> str:
    """Where that is, told in full to nobody but who reads there: a message may be forwarded."""
    if where.address is None:
        many = len(where.names)
        return "Dans un navigateur." if many == 1 else f"Dans {many} navigateurs."
    if where.own:
        return f"À {where.address}."
    if "@" in where.address:
        local, _, domain = where.address.rpartition("@")
        return f"À {local[:1]}…@{domain}."
    return f"Au numéro qui finit par {where.address[-2:]}."


def _languages(languages: Mapping[str, str], spoken: str) -> str:
    known = dict(languages) if spoken in languages else {"": "Sans préférence", **languages}
    chosen = spoken if spoken in languages else ""
    options = "".join(
        f'<option value="{escape(code)}"{" selected" if code == chosen else ""}>'
        f"{escape(label)}</option>\n"
        for code, label in known.items()
    )
    return _LANGUAGE.format(options=options)
