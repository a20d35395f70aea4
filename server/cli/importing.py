"""`relance importer`: a file of leads, brought in by the running server, or by the command itself."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from relance.errors import ConfigurationError
from server.cli.import_report import Bar, ImportPrinter
from server.cli.outcome import MISUSED, WRONG, CommandStop
from server.cli.parameters import HERE, FolderOption
from server.clock import SystemClock
from server.imports import cells, goods, ledger, rejected, spool
from server.imports.follow import Ended, NobodyTakes, follow
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder, mark_of
from server.imports.people import People, Reject
from server.imports.run import ALONE, seldom_collected
from server.imports.sheet import Sheet
from server.imports.trial import Read, attempt
from server.imports.upsert import UpsertTally
from server.plugins import load_plugins
from server.reports.reader import StoreReader, reading
from server.runtime import Runtime
from server.secret import forgotten_of
from server.settings import Settings, load_settings
from server.store.dynamic import dynamic_keys
from server.store.fields import FieldCatalogue
from server.store.forgotten import Forgotten
from server.store.instants import now_micros
from server.store.sole import DatabaseTaken

_PAGE = 2_000

Names = Annotated[
    list[str] | None,
    typer.Option("--liste", help="Ajouter chaque lead à cette liste (peut être répété)."),
]


def import_file(
    fichier: Annotated[
        Path, typer.Argument(help="Un fichier CSV ou un classeur Excel (.xlsx).", metavar="fichier")
    ],
    essai: Annotated[
        bool, typer.Option("--essai", help="Dire ce qui serait fait, sans rien écrire.")
    ] = False,
    rejets: Annotated[
        Path | None,
        typer.Option(
            "--rejets",
            help="Où écrire les lignes refusées et leur raison ; sans cette option, à côté du "
            "fichier.",
            metavar="fichier",
        ),
    ] = None,
    liste: Names = None,
    etiquette: Annotated[
        list[str] | None,
        typer.Option("--etiquette", help="Étiqueter chaque lead (peut être répété)."),
    ] = None,
    cle: Annotated[
        str,
        typer.Option("--cle", help="Le champ qui dit de quel lead il s’agit.", metavar="champ"),
    ] = "courriel",
    colonne: Annotated[
        list[str] | None,
        typer.Option(
            "--colonne",
            help="« Colonne=champ » : quel champ une colonne remplit ; « Colonne= » la laisse de "
            "côté (peut être répété).",
            metavar="colonne=champ",
        ),
    ] = None,
    avec_campagnes: Annotated[
        bool,
        typer.Option(
            "--avec-campagnes",
            help="Faire entendre l’importation aux campagnes, comme si chaque lead venait "
            "d’arriver.",
        ),
    ] = False,
    de_nouveau: Annotated[
        bool,
        typer.Option("--de-nouveau", help="Reprendre du début un fichier déjà importé."),
    ] = False,
    en_date_du: Annotated[
        str | None,
        typer.Option(
            "--en-date-du",
            help="Le jour où le fichier disait vrai : ce qui a été dit depuis n’est pas écrasé.",
            metavar="2026-03-01",
        ),
    ] = None,
    consentement: Annotated[
        str | None,
        typer.Option(
            "--consentement",
            help="Sur quelle base ces personnes acceptent qu’on leur écrive, et comment on le sait : "
            "exprès ou implicite, deux-points, puis d’où il vient.",
            metavar="base",
        ),
    ] = None,
    produits: Annotated[
        bool, typer.Option("--produits", help="Le fichier décrit des produits, non des leads.")
    ] = False,
    promotions: Annotated[
        bool, typer.Option("--promotions", help="Le fichier décrit des promotions.")
    ] = False,
    dossier: FolderOption = HERE,
) -> None:
    """Importer des leads, des produits ou des promotions depuis un fichier CSV ou Excel.

    Les leads connus sont mis à jour, les autres sont créés. Une cellule vide ne change rien.
    Une ligne qui ne va pas est refusée, avec sa raison, sans arrêter les autres. Interrompue,
    l’importation reprend où elle en était. Les campagnes ne partent pas, sauf demande.
    """
    settings = load_settings(dossier)
    order = ImportOrder(
        _names(liste),
        _names(etiquette),
        cle,
        _columns(colonne or ()),
        heard=avec_campagnes,
        as_of=None if en_date_du is None else _day(en_date_du),
        consent=None if consentement is None else consentement.strip(),
    )
    if not fichier.is_file():
        raise CommandStop(MISUSED, f"« {fichier} » n’existe pas, ou n’est pas un fichier.")
    if produits and promotions:
        raise CommandStop(
            MISUSED, "Un fichier décrit des produits ou des promotions : l’un ou l’autre."
        )
    if produits or promotions:
        kind = goods.PRODUCTS if produits else goods.PROMOTIONS
        _bring_goods(settings, kind, fichier, order, rejets, trial=essai)
        return
    session = _Session(settings, fichier, order, rejets, anew=de_nouveau)
    asyncio.run(session.run(trial=essai))


def _names(names: Sequence[str] | None) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(name.strip() for name in names or ()))
    for name in found:
        if not name or len(name) > 200:
            raise CommandStop(
                MISUSED, "Un nom de liste ou d’étiquette compte de 1 à 200 caractères."
            )
    return found


def _day(text: str) -> str:
    try:
        return cells.day(text.strip()).isoformat()
    except cells.Unfit as unfit:
        raise CommandStop(MISUSED, f"--en-date-du : {unfit}.") from unfit


def _columns(written: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for text in written:
        column, equal, field = text.rpartition("=")
        if not equal or not column.strip():
            raise CommandStop(
                MISUSED, f'« {text} » ne se lit pas : écrivez --colonne "Colonne=champ".'
            )
        found[column.strip()] = field.strip()
    return found


def _field_names(fields: FieldCatalogue) -> Mapping[str, str]:
    return {field.key: field.name for field in fields}


def _bring_goods(
    settings: Settings,
    kind: goods.GoodsKind,
    path: Path,
    order: ImportOrder,
    target: Path | None,
    *,
    trial: bool,
) -> None:
    """Products and promotions go to a file of the project, read again by the server by itself."""
    if not settings.folder.is_dir():
        raise CommandStop(MISUSED, f"« {settings.folder} » n’est pas un dossier.")
    report = ImportPrinter("produit" if kind is goods.PRODUCTS else "promotion")
    sheet = open_sheet(path)
    try:
        brought = goods.bring(settings.folder, kind, sheet, order.columns)
    finally:
        sheet.close()
    report.columns(sheet.heading, brought.matched, brought.fields)
    if trial:
        report.would(brought.tally)
    else:
        goods.keep(settings.folder, kind, brought)
        report.done(brought.tally)
    if brought.rejects:
        place = _written(target, path, sheet.heading.names, brought.rejects)
        report.rejects(place, brought.rejects)


def _written(
    target: Path | None, path: Path, names: Sequence[str], rejects: Sequence[Reject]
) -> Path:
    """Where the refused rows are: in the file that was asked for, or beside theirs."""
    if target is None:
        return rejected.write_beside(path, names, rejects)
    rejected.write(target, names, rejects)
    return target


class _Session:
    """One command."""

    def __init__(
        self, settings: Settings, path: Path, order: ImportOrder, target: Path | None, *, anew: bool
    ) -> None:
        self._settings, self._path, self._order = settings, path, order
        self._target, self._anew = target, anew
        self._plugins = load_plugins(settings.enabled, settings.disabled)
        self._report = ImportPrinter()

    async def run(self, *, trial: bool) -> None:
        mark = await asyncio.to_thread(mark_of, self._path, self._order)
        runtime = Runtime(self._settings, plugins=self._plugins)
        try:
            await runtime.open()
        except DatabaseTaken:
            await self._beside(mark, trial)
            return
        try:
            await self._alone(runtime, mark, trial)
        finally:
            await runtime.close()

    async def _people(self, sheet: Sheet, fields: FieldCatalogue, read: Read) -> People:
        async with read() as conn:
            dynamic = await dynamic_keys(conn)
        names, region = sheet.heading.names, self._settings.region
        channels = self._plugins.glossary.channels
        return People(names, fields, self._order, region, dynamic, channels)

    async def _alone(self, runtime: Runtime, mark: str, trial: bool) -> None:
        """No server runs: the command does it all."""
        store = runtime.store
        self._report.rules(runtime.rules.problems, never=runtime.rules.never)
        sheet = open_sheet(self._path)
        try:
            people = await self._people(sheet, store.fields, store.read)
            self._report.columns(sheet.heading, people.matched, _field_names(store.fields))
            if trial:
                await self._try(store.read, store.fields, sheet, people, store.forgotten)
                return
        finally:
            sheet.close()
        if self._anew:
            await runtime.imports.forget(mark)
        if await self._known(store.read, mark):
            return
        with seldom_collected(), Bar() as bar:
            tally = await runtime.imports.bring(
                self._path, self._path.name, mark, self._order, batch=ALONE, report=bar.show
            )
        await self._end(store.read, mark, sheet.heading.names, tally)

    async def _beside(self, mark: str, trial: bool) -> None:
        """A server runs: it is handed the file, and asked how far it is."""
        async with reading(self._settings.database) as reader:
            sheet = open_sheet(self._path)
            try:
                names = sheet.heading.names
                people = await self._people(sheet, reader.fields, reader.read)
                self._report.columns(sheet.heading, people.matched, _field_names(reader.fields))
                if trial:
                    known = await forgotten_of(reader.read, self._settings)
                    await self._try(reader.read, reader.fields, sheet, people, known)
                    return
            finally:
                sheet.close()
            if not self._anew and await self._known(reader.read, mark):
                return
            self._report.handed()
            tally = await self._followed(reader, mark)
            await self._end(reader.read, mark, names, tally)

    async def _followed(self, reader: StoreReader, mark: str) -> UpsertTally:
        folder = await asyncio.to_thread(
            spool.leave, self._settings.folder, self._path, self._order, mark, anew=self._anew
        )
        try:
            with Bar() as bar:
                return await follow(reader.read, mark, folder, bar.show)
        except NobodyTakes as error:
            spool.settle(folder)
            raise ConfigurationError(
                "Un serveur tient la base, mais ne prend pas le fichier : sert-il bien le dossier "
                f"« {self._settings.folder} », et sous le même compte que vous ?"
            ) from error
        except Ended as error:
            raise CommandStop(WRONG, str(error)) from error
        except asyncio.CancelledError:
            self._report.goes_on()
            raise

    async def _try(
        self,
        read: Read,
        fields: FieldCatalogue,
        sheet: Sheet,
        people: People,
        forgotten: Forgotten,
    ) -> None:
        now = now_micros(SystemClock())
        with Bar() as bar:
            trial = await attempt(
                read, fields, sheet, people, bar.show, now=now, forgotten=forgotten
            )
        self._report.would(trial.tally, trial.repeated)
        await self._rejects(sheet.heading.names, trial.rejects)

    async def _known(self, read: Read, mark: str) -> bool:
        """Whether the file was brought in before, which is told."""
        async with read() as conn:
            progress = await ledger.find(conn, mark)
        if progress is None:
            return False
        if progress.state != ledger.DONE:
            self._report.resumes(progress)
            return False
        self._report.known(progress, self._settings.zone)
        return True

    async def _end(self, read: Read, mark: str, names: Sequence[str], tally: UpsertTally) -> None:
        self._report.done(tally)
        if not tally.rejected:
            return
        rejects: list[Reject] = []
        after = -1
        async with read() as conn:
            progress = await ledger.find(conn, mark)
            if progress is None:
                return
            while page := await ledger.rejects(conn, progress.id, after, _PAGE):
                rejects += page
                after = page[-1].line
        await self._rejects(names, rejects)

    async def _rejects(self, names: Sequence[str], rejects: Sequence[Reject]) -> None:
        if rejects:
            place = await asyncio.to_thread(_written, self._target, self._path, names, rejects)
            self._report.rejects(place, rejects)
