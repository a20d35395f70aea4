"""Every page of the server, by who may ask for it: a new one is written here by whoever decides."""

from server.web.page import Access

#: What anybody may ask for.
OPEN = (
    "/relance.css",
    "/favicon.ico",
    "/favicon.svg",
    "/robots.txt",
    "/problemes/{nom}",
    "/images/{mark}",
    "/statique/{mark}/{file}",
    "/sante",
    "/connexion",
    "/connexion/code",
    "/ouvrir/{jeton}",
)
#: What only the team may, and whoever of it.
CLOSED = {
    "/": Access.READ,
    "/vif.js": Access.READ,
    "/aller": Access.SIGNED_IN,
    "/touches": Access.SIGNED_IN,
    "/parcours": Access.PERSONAL,
    "/parcours/{lead}": Access.PERSONAL,
    "/leads": Access.PERSONAL,
    "/leads/{lead}": Access.PERSONAL,
    "/leads/{lead}/dossier": Access.PERSONAL,
    "/connexion/confirmer": Access.SIGNED_IN,
    "/deconnexion": Access.SIGNED_IN,
    "/compte": Access.SIGNED_IN,
    "/compte/nom": Access.SIGNED_IN,
    "/compte/mot-de-passe": Access.SIGNED_IN,
    "/compte/sessions": Access.SIGNED_IN,
    "/compte/facteur": Access.SIGNED_IN,
    "/compte/facteur/retirer": Access.SIGNED_IN,
    "/compte/codes": Access.SIGNED_IN,
    "/utilisateurs": Access.ADMINISTER,
    "/utilisateurs/{compte}": Access.ADMINISTER,
    "/jetons": Access.ADMINISTER,
    "/jetons/{numero}/revoquer": Access.ADMINISTER,
    "/journal": Access.ADMINISTER,
    "/journal/verifier": Access.ADMINISTER,
    "/api/v1/openapi.json": Access.READ,
    "/api/v1/campaigns": Access.READ,
    "/api/v1/campaigns/{name}": Access.READ,
    "/api/v1/campaigns/{name}/overdue": Access.READ,
    **{
        f"/api/v1/campaigns/{{name}}/{way}": Access.PUBLISH
        for way in ("activate", "pause", "resume", "archive", "restore")
    },
    "/api/v1/publications": Access.PUBLISH,
    "/api/v1/reports/campaigns": Access.READ,
    "/api/v1/leads": Access.PERSONAL,
    "/api/v1/leads/{lead}": Access.PERSONAL,
    "/api/v1/leads/{lead}/explanation": Access.PERSONAL,
    "/scripts": Access.READ,
    "/scripts/{file:path}": Access.READ,
    # Where what is saved is published, as in these tests: elsewhere, for who writes.
    "/enregistrer/{file:path}": Access.PUBLISH,
    "/renommer": Access.PUBLISH,
    "/api/v1/language/words": Access.READ,
    **{
        f"/api/v1/language/{one}": Access.READ
        for one in ("check", "complete", "format", "hover", "name", "rename", "symbols")
    },
    "/etat": Access.READ,
    "/vif": Access.READ,
    "/tableau": Access.READ,
    "/campagnes": Access.READ,
    "/bibliotheque": Access.READ,
    "/bibliotheque/{modele}": Access.WRITE,
    "/publier": Access.PUBLISH,
    "/campagnes/{campagne}": Access.READ,
    "/campagnes/{campagne}/arbre": Access.READ,
    "/campagnes/{campagne}/vif": Access.READ,
    "/campagnes/{campagne}/personnes": Access.PERSONAL,
    "/campagnes/{campagne}/scenarios": Access.READ,
    "/campagnes/{campagne}/jouer": Access.WRITE,
    "/campagnes/{campagne}/rapport": Access.READ,
    "/campagnes/{campagne}/rapport/{partie}": Access.READ,
    "/campagnes/{campagne}/versions": Access.READ,
    "/campagnes/{campagne}/cloner": Access.WRITE,
    "/campagnes/{campagne}/{ordre}": Access.PUBLISH,
}
#: Of those, what has no end while the page is open.
ENDLESS = ("/vif",)
