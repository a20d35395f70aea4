"""What `relance importer` says, in words for whoever sends the messages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from relance.french import quoted
from server.cli.safe import safe
from server.cli.terminal import Console
from server.imports.headings import Matched, Special
from server.imports.ledger import ImportProgress
from server.imports.people import Reject
from server.imports.run import Progress
from server.imports.sheet import SheetHead
from server.imports.upsert import UpsertTally
from server.reports import french
from server.store.instants import from_micros

#: Rejects shown on the terminal; all of them are in the file.
_SHOWN = 5


class Bar:
    """How far an import is, while it lasts."""

    def __init__(self) -> None:
        self._bar = RichProgress(
            TextColumn("  {task.fields[rows]}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=1.0, rows="")

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Take it away."""
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Where it stands now."""
        rows = french.count(progress.row, "ligne")
        self._bar.update(self._task, completed=progress.share, rows=rows)


class ImportPrinter:
    """Says in a terminal how an import goes and ends; `thing`: what a row makes."""

    def __init__(self, thing: str = "lead") -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._thing = thing

    def _say(self, text: str) -> None:
        self._console.print(text)

    def rules(self, problems: Sequence[str], *, never: bool) -> None:
        """The rules on disk do not run: fields and lists they declare may be missing."""
        if never:
            self._say(
                "[yellow]Rien n’a encore été publié : les champs et les listes des scripts ne sont "
                f"pas connus ({quoted('relance publier')}).[/yellow]"
            )
        if problems:
            self._say(
                "[yellow]Les règles du projet contiennent des erreurs : les champs et les listes "
                "qu’elles viennent d’ajouter ne sont pas connus (« relance check »).[/yellow]"
            )

    def columns(self, heading: SheetHead, matched: Matched, names: Mapping[str, str]) -> None:
        """Which field each column fills, before anything is written."""
        self._say(f"[dim]{safe(heading.written)}[/dim]")
        table = Table("Colonne", "", "Ce qu’elle remplit", box=None, pad_edge=False)
        for place, name in enumerate(heading.names):
            if place in matched.fields:
                table.add_row(safe(name), "→", safe(names[matched.fields[place]]))
            elif place in matched.specials:
                table.add_row(safe(name), "→", _special(matched.specials[place]))
            elif name in matched.unknown:
                near = matched.unknown[name]
                meant = f" ; voulait-elle dire « {safe(near)} » ?" if near else ""
                table.add_row(safe(name), "·", f"[yellow]laissée de côté{meant}[/yellow]")
            elif name:
                table.add_row(safe(name), "·", "laissée de côté")
        self._console.print(table)
        if matched.unknown and self._thing == "lead":
            self._say(
                "[dim]Pour garder une colonne laissée de côté : déclarez son champ dans un bloc "
                "« champs » d’un script, ou dites lequel elle remplit par "
                '--colonne "Colonne=champ".[/dim]'
            )

    def handed(self) -> None:
        """The server does it."""
        self._say("Le serveur tourne : il fait l’importation.")

    def goes_on(self) -> None:
        """The command was interrupted, the server was not."""
        self._say("Le serveur continue l’importation ; la même commande dira où elle en est.")

    def resumes(self, progress: ImportProgress) -> None:
        """It was cut short."""
        if progress.row:
            self._say(f"Reprise après {french.count(progress.row, 'ligne')} déjà faites.")

    def known(self, progress: ImportProgress, zone: ZoneInfo) -> None:
        """Nothing to do."""
        at = french.instant(from_micros(progress.finished_at or progress.started_at), zone)
        self._say(
            f"Ce fichier a déjà été importé, le {at} : {self._counts(progress.tally)}. "
            "Rien n’a été refait. Pour l’importer de nouveau : --de-nouveau."
        )

    def done(self, tally: UpsertTally) -> None:
        """What was done."""
        self._say(f"Importation terminée : {self._counts(tally)}.")

    def would(self, tally: UpsertTally, repeated: int = 0) -> None:
        """What would be done; `repeated`: how many rows are about somebody that one above tells of."""
        self._say(f"Essai, rien n’a été écrit. L’importation donnerait : {self._counts(tally)}.")
        if repeated:
            rows = french.count(repeated, "ligne parle", "lignes parlent")
            self._say(
                f"{rows} d’un lead dont une ligne d’avant parle déjà : la dernière l’emporte, champ par "
                "champ."
            )

    def rejects(self, path: Path, rejects: Sequence[Reject]) -> None:
        """The first of them, and where they all are."""
        for one in rejects[:_SHOWN]:
            self._say(f"  [yellow]ligne {one.line}[/yellow] : {safe(one.reason)}")
        if len(rejects) > _SHOWN:
            self._say(f"  … et {french.count(len(rejects) - _SHOWN, 'autre')}")
        self._say(
            f"Les lignes refusées sont dans « {safe(str(path))} », chacune avec sa raison : "
            "corrigez-les là, puis importez ce fichier."
        )

    def _counts(self, tally: UpsertTally) -> str:
        created = ("créée", "créées") if self._thing == "promotion" else ("créé", "créés")
        one, many = f"{self._thing} {created[0]}", f"{self._thing}s {created[1]}"
        parts = [
            french.count(tally.created, one, many),
            french.count(tally.updated, "mis à jour", "mis à jour"),
            french.count(tally.unchanged, "inchangé", "inchangés"),
            french.count(tally.rejected, "ligne refusée", "lignes refusées"),
        ]
        return ", ".join(parts)


def _special(special: Special) -> str:
    if special is Special.COMPUTED:
        return "[dim]laissée de côté : calculée par Relance[/dim]"
    return f"({special.value})"
