"""The messages of a project: every `.md` file of its `courriels` folders, and of `alertes`, by name."""

from collections.abc import Mapping, Sequence
from functools import partial

from plugins.email.images import doubts_of_images
from plugins.email.review import doubts_of_markup
from plugins.email.template import MAX_BYTES, EmailTemplate, link_names, parse
from plugins.email.weight import CLIPPED, weight
from relance.fault import Fault
from relance.project_files import ProjectFiles
from relance.templates.collection import Collection
from relance.variable import PLAIN, Shape, Variable, parts

#: The variables of a mail to a lead, beside its fields.
OWN = dict.fromkeys(("lien_desabonnement", "lien_désabonnement"), PLAIN)
#: The leads an alert is about beside the first, when it stands for several.
OTHERS = "autres"
#: The variables of an alert, beside the lead's fields.
OF_ALERTS = {
    **dict.fromkeys(("alerte", "qui", "destinataire", "campagne", "étape", "etape"), PLAIN),
    **dict.fromkeys(("pointage", "fiche", "écrire", "nombre", "non_listés"), PLAIN),
    "champs": Shape(each=parts("nom", "valeur")),
    OTHERS: Shape(each=parts("qui", "courriel", "campagne", "étape", "etape", "pointage", "fiche")),
}


class Mails(Collection[EmailTemplate]):
    """Mails of a folder: what their markup will lose is told as well."""

    def review(
        self, files: ProjectFiles, fields: Sequence[str], variables: Sequence[Variable]
    ) -> Sequence[Fault]:
        """Variables nobody knows, links that lead nowhere, markup that is lost, what is cut."""
        found = [*super().review(files, fields, variables)]
        for file, text in files.texts(self.folder, self.suffix, self.most):
            found += doubts_of_markup(file, text)
            template = self.of(files).by_file[file].template
            if template is None:
                continue
            found += doubts_of_images(files, file, text, template)
            if (weighs := weight(template)) > CLIPPED:
                found.append(Fault(file, 1, _cut(weighs)))
        return found


def _cut(weighs: int) -> str:
    said = f"ce courriel pèse {weighs // 1024}\u00a0ko : Gmail n’en montre que 102, et cache la fin"
    return f"{said}, où l’on se désabonne ; raccourcissez-le, ou faites-en deux"


def head(subject: str) -> str:
    """What stands before the text of a mail that a script writes: its subject is its name."""
    return f'---\nnom: "{subject}"\nobjet: "{subject}"\n---\n'


MESSAGES = Mails(
    "courriels",
    ".md",
    parse,
    "le courriel",
    MAX_BYTES,
    slot="courriel",
    help="Le nom d’un courriel du dossier «\u00a0courriels\u00a0», ou l’objet d’un courriel écrit sur place.",
    head=head,
    own=OWN,
    channel="email",
    elsewhere=dict.fromkeys(OF_ALERTS, "dans les alertes"),
)
#: A project's own words for its alerts, by type.
ALERTS = Mails(
    "alertes",
    ".md",
    partial(parse, leaves=False),
    "l’alerte",
    MAX_BYTES,
    slot="alerte",
    own=OF_ALERTS,
    elsewhere=dict.fromkeys(OWN, "dans les courriels"),
    to_lead=False,
)


def links(files: ProjectFiles) -> Mapping[str, Sequence[str]]:
    """The names of the links of a project's messages, for the checker."""
    templates = [one.template for one in MESSAGES.of(files) if one.template is not None]
    return {"lien": list(dict.fromkeys(one for each in templates for one in link_names(each)))}
