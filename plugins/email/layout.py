"""The frame of a message: one column that fits phones, a hidden preview, a footer.

Everything is inline and in tables, since that is what e-mail readers agree on; a stylesheet holds
what only the screen can tell, as the dark.
"""

from html import escape

from plugins.email.body import Body

_FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

#: The colours of the house, ours where it says none.
_COLOURS = (
    '{% assign _couleur = maison.couleur | default: "#0b5cad" %}'
    '{% assign _sur_couleur = maison.texte_sur_couleur | default: "#ffffff" %}'
    '{% assign _liens = maison.couleur_des_liens | default: "#0b5cad" %}'
)
_LOGO = """\
{% if maison.logo and maison.logo != '' %}<tr><td style="padding:28px 28px 0">\
<img src="{{ maison.logo }}" alt="{{ maison.nom }}" height="48" \
style="height:48px;width:auto;max-width:100%;border:0"></td></tr>{% endif %}
"""
_HEAD = """\
<!doctype html>
<html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="{scheme}">\
<meta name="supported-color-schemes" content="{scheme}"><title>{title}</title>{sheet}{head}</head>
"""
_PAGE = """\
<body class="r-fond" style="margin:0;padding:0;background-color:#f3f4f6">
{trap}{preview}\
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding:24px 12px">
<table class="r-feuille" role="presentation" width="100%" cellpadding="0" cellspacing="0" \
border="0" style="max-width:600px;background-color:#ffffff;border-radius:8px">
{logo}<tr><td class="r-texte" style="padding:28px 28px 16px;font-family:{font};font-size:16px;\
line-height:1.55;color:#1c2733;text-align:left">
{content}
</td></tr></table>
{footer}</td></tr></table>{pixel}</body></html>
"""
#: A page that somebody drew whole: nothing is put around it.
_OWN_PAGE = """\
<body style="{ground}">
{trap}{preview}{content}
<center>{footer}</center>{pixel}</body></html>
"""
_TRAP = (
    '{% if _piege %}<a tabindex="-1" aria-hidden="true" rel="nofollow" '
    'style="display:none;mso-hide:all" href="{{ _piege }}"></a>{% endif %}'
)
_PIXEL = '{% if _pixel %}<img src="{{ _pixel }}" width="1" height="1" alt="">{% endif %}'
#: Our own colours where the reader's screen is dark.
_DARK = (
    "@media (prefers-color-scheme:dark){.r-fond{background-color:#12161b!important}"
    ".r-feuille{background-color:#1d232b!important}.r-texte,.r-texte *{color:#e7eaee!important}"
    ".r-texte a{color:#8ebdf2!important}.r-texte td a{color:{{ _sur_couleur }}!important}"
    ".r-pied,.r-pied a{color:#a3adb8!important}}"
)
_PREVIEW = """\
<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;\
color:#f3f4f6">{preview}&#8203;</div>
"""
_FOOTER = """\
<p class="r-pied" style="margin:16px 0 0;font-family:{font};font-size:12px;line-height:1.5;\
color:#5a6572">\
{said}</p>
"""
_LEAVE = (
    '{% if lien_des_preferences %}<a href="{{ lien_des_preferences }}" '
    'style="color:#5a6572">Vos préférences</a> · {% endif %}'
    '<a href="{{ lien_desabonnement }}" style="color:#5a6572">Ne plus recevoir ces courriels</a>'
)


def html(title: str, preview: str, body: Body) -> str:
    """The whole HTML, in Liquid."""
    ours = body.plain and not body.page
    sheet = f"{_DARK}\n{body.screens}" if ours else body.screens
    head = _HEAD.format(
        title=title,
        scheme="light dark" if ours or body.dark else "light",
        sheet=f"<style>{sheet}</style>" if sheet else "",
        head=body.head,
    )
    frame = _OWN_PAGE if body.page else _PAGE
    return (
        _COLOURS
        + head
        + frame.format(
            preview=_PREVIEW.format(preview=preview) if preview else "",
            font=_FONT,
            logo=_LOGO,
            ground=escape(body.ground or "margin:0;padding:0"),
            content=body.html,
            footer=_footer(body.unsubscribes),
            trap=_TRAP,
            pixel=_PIXEL,
        )
    )


def _footer(unsubscribes: bool) -> str:
    """The postal address and the way out, each where there is one; nothing around neither."""
    if unsubscribes:  # the message has its own way out
        footer = _FOOTER.format(font=_FONT, said="{{ _adresse }}")
        return f"{{% if _adresse and _adresse != '' %}}{footer}{{% endif %}}"
    said = "{% if _adresse and _adresse != '' %}{{ _adresse }}<br>{% endif %}" + _LEAVE
    return _FOOTER.format(font=_FONT, said=said)


def text(body: Body) -> str:
    """The whole text part, in Liquid."""
    address = "{% if _adresse and _adresse != '' %}{{ _adresse }}\n{% endif %}"
    if body.unsubscribes:
        return f"{body.text}{{% if _adresse and _adresse != '' %}}\n-- \n{{% endif %}}{address}"
    leave = (
        "{% if lien_des_preferences %}Vos préférences : {{ lien_des_preferences }}\n{% endif %}"
        "Ne plus recevoir ces courriels : {{ lien_desabonnement }}\n"
    )
    return f"{body.text}\n-- \n{address}{leave}"
