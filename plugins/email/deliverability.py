"""Deliverability by domain: whether what leaves arrives, and is wanted, at each provider of mailboxes.

One provider that turns mail away, or puts it among the undesirable, hides among the figures of all.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from plugins.email.happenings import CHANNEL_TYPES
from relance.access_role import AccessRole
from relance.blocks import Block, Figure, Figures, Notice, NoticeTone, PageLink, Paragraph
from relance.french import quoted
from relance.house import House, MessageCount, MessagesBy
from relance.interface import HouseReport, InterfacePage
from relance.message_mark import MessageMark
from relance.report import Cell, CellType, Column, Report, report

WORD = "delivrabilite"
CHANNEL = CHANNEL_TYPES[0].channel
#: So many domains have a line of their own.
_MOST = 50
#: From so many messages on, a rate says something of a domain.
_ENOUGH = 100
#: Of fewer, a page gives no rate.
_FEW = 50
#: What providers ask of who sends: fewer complaints than 3 in 1,000; lists that are kept clean.
_COMPLAINTS, _BOUNCES = 0.003, 0.05
#: Read so many times less than the others: it may go where nobody looks.
_UNREAD = 3
_OTHERS = "tous les autres domaines"
_ABOUT = "Ce que deviennent les courriels, selon le fournisseur de qui les reçoit."


async def counts(house: House) -> Sequence[MessageCount]:
    """Each domain, the most written to first."""
    return await house.messages(CHANNEL, MessagesBy.DOMAIN, _MOST)


async def domains_report(house: House) -> Report:
    """What became of messages, a domain a line."""
    return _report(await counts(house))


def _report(lines: Sequence[MessageCount]) -> Report:
    shares = {
        Column("Taux de rebonds", "taux_rebonds", CellType.SHARE, base="essayes"): (
            MessageMark.BOUNCED
        ),
        Column("Taux de plaintes", "taux_plaintes", CellType.SHARE, base="essayes"): (
            MessageMark.COMPLAINED
        ),
        Column("Taux de lecture", "taux_lecture", CellType.SHARE, base="essayes"): MessageMark.READ,
    }
    marked = {
        Column("Livrés", "livres", CellType.COUNT): MessageMark.DELIVERED,
        Column("Lus", "lus", CellType.COUNT): MessageMark.READ,
        Column("Rebonds", "rebonds", CellType.COUNT): MessageMark.BOUNCED,
        Column("Plaintes", "plaintes", CellType.COUNT): MessageMark.COMPLAINED,
    }
    return report(
        "Courriels par domaine",
        {
            Column("Domaine", "domaine"): lambda one: one.name or _OTHERS,
            Column("Essayés", "essayes", CellType.COUNT): _tried,
            Column("Envoyés", "envoyes", CellType.COUNT): lambda one: one.sent,
            **{column: partial(_marked, mark) for column, mark in marked.items()},
            **{column: partial(_share, mark) for column, mark in shares.items()},
        },
        lines,
        empty="Aucun courriel n’est parti dans cette période.",
        notes=(
            "Ce qui est appris d’un courriel compte le jour où on l’apprend ; ce qu’une machine a "
            "ouvert ne compte pas.",
        ),
    )


def _marked(mark: MessageMark, one: MessageCount) -> Cell:
    return one.of(mark)


def _share(mark: MessageMark, one: MessageCount) -> Cell:
    return one.share(mark)


def _rate(one: MessageCount, mark: MessageMark) -> Cell:
    return one.share(mark) if _tried(one) >= _FEW else "trop tôt"


def _tried(one: MessageCount) -> int:
    return one.sent + one.unreachable


async def body(house: House) -> Sequence[Block]:
    """The whole of it, what calls for somebody, then each domain."""
    lines = await counts(house)
    whole = _together(lines)
    figures = [
        Figure("Envoyés", whole.sent),
        *(
            Figure(title, _rate(whole, mark), CellType.SHARE, f"{whole.of(mark)} en tout")
            for title, mark in (
                ("Rebonds", MessageMark.BOUNCED),
                ("Plaintes", MessageMark.COMPLAINED),
                ("Lus", MessageMark.READ),
            )
        ),
    ]
    return [
        Figures(tuple(figures)),
        *_remarks(lines, whole),
        _report(lines),
        Paragraph(
            "Le domaine est celui de l’adresse au moment de l’envoi. Les courriels partis avant que "
            "Relance ne le garde ne sont dans aucun."
        ),
        PageLink("Ces chiffres à côté de la période d’avant, et en fichiers", f"/rapports/{WORD}"),
    ]


def _together(lines: Sequence[MessageCount]) -> MessageCount:
    marks = {mark: sum(one.of(mark) for one in lines) for mark in MessageMark}
    sent, lost = sum(one.sent for one in lines), sum(one.unreachable for one in lines)
    return MessageCount("", sent, lost, marks)


def _remarks(lines: Sequence[MessageCount], whole: MessageCount) -> Iterator[Notice]:
    """What to look at, the worst first."""
    usual = whole.share(MessageMark.READ) or 0
    known = [one for one in lines if one.name and _tried(one) >= _ENOUGH]
    for one in known:
        if (one.share(MessageMark.COMPLAINED) or 0) >= _COMPLAINTS:
            yield Notice(
                "Plus de 3 personnes sur 1 000 y signalent vos courriels comme indésirables : ce "
                "fournisseur peut cesser de les livrer. N’y écrivez qu’à qui l’a demandé et lit encore.",
                NoticeTone.BAD,
                f"{quoted(one.name)} : trop de plaintes",
            )
    for one in known:
        if (one.share(MessageMark.BOUNCED) or 0) >= _BOUNCES:
            yield Notice(
                "Plus d’un courriel sur vingt en revient. Voyez dans le fil d’un de ces leads ce que le "
                "serveur répond : des adresses qui n’existent plus, ou un refus de vous.",
                NoticeTone.WARNING,
                f"{quoted(one.name)} : beaucoup de rebonds",
            )
    for one in known:
        if (one.share(MessageMark.READ) or 0) * _UNREAD < usual:
            yield Notice(
                "On y lit vos courriels trois fois moins qu’ailleurs : ils arrivent peut-être parmi les "
                "indésirables. Envoyez-y un essai, et vérifiez SPF, DKIM et DMARC.",
                NoticeTone.WARNING,
                f"{quoted(one.name)} : peu de lectures",
            )


PAGE = InterfacePage(
    WORD,
    "Délivrabilité par domaine",
    AccessRole.READ,
    body,
    menu="Délivrabilité",
    icon="message",
    about=_ABOUT,
    dated=True,
)
REPORT = HouseReport(WORD, "Délivrabilité par domaine", _ABOUT, domains_report)
