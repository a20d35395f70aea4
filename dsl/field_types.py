"""The types of fields, in the words of the language: what a project writes is what the store keeps."""

TEXT, NUMBER, AMOUNT, DATE, YES_NO, CHOICE = (
    "texte",
    "nombre",
    "montant",
    "date",
    "oui/non",
    "choix",
)
TYPES = (TEXT, NUMBER, AMOUNT, DATE, YES_NO, CHOICE)
