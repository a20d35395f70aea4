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
    "/connexion/code/cle",
    "/connexion/code/cle/defi",
    "/connexion/cle",
    "/connexion/cle/defi",
    "/ouvrir/{jeton}",
)
#: What only the team may, and whoever of it.
CLOSED = {
    "/": Access.READ,
    "/vif.js": Access.READ,
    "/aller": Access.SIGNED_IN,
    "/touches": Access.SIGNED_IN,
    "/premiers-pas/cacher": Access.SIGNED_IN,
    "/parcours": Access.PERSONAL,
    "/parcours/{lead}": Access.PERSONAL,
    "/leads": Access.PERSONAL,
    "/leads/colonnes": Access.PERSONAL,
    "/leads/ensemble": Access.PERSONAL,
    "/leads/export": Access.PERSONAL,
    "/leads/{lead}": Access.PERSONAL,
    "/leads/{lead}/dossier": Access.PERSONAL,
    "/leads/{lead}/dossier.csv": Access.PERSONAL,
    "/leads/nouveau": Access.PERSONAL,
    **{
        f"/leads/{{lead}}/{way}": Access.PERSONAL
        for way in ("modifier", "etiquettes", "listes", "reunir", "separer", "oublier")
    },
    "/listes": Access.READ,
    "/listes/vif": Access.READ,
    "/listes/tableau": Access.READ,
    # Where what is saved is published, as in these tests: elsewhere, for who writes.
    "/listes/nouvelle": Access.PUBLISH,
    "/listes/{liste}": Access.READ,
    "/listes/{liste}/membres": Access.PERSONAL,
    "/listes/{liste}/membres/ajouter": Access.PERSONAL,
    "/listes/{liste}/membres/retirer": Access.PERSONAL,
    "/listes/{liste}/membres.csv": Access.PERSONAL,
    "/listes/{liste}/vider": Access.PERSONAL,
    "/listes/{liste}/supprimer": Access.PUBLISH,
    "/connexion/confirmer": Access.SIGNED_IN,
    "/connexion/confirmer/cle": Access.SIGNED_IN,
    "/connexion/confirmer/cle/defi": Access.SIGNED_IN,
    "/deconnexion": Access.SIGNED_IN,
    "/compte": Access.SIGNED_IN,
    "/compte/nom": Access.SIGNED_IN,
    "/compte/mot-de-passe": Access.SIGNED_IN,
    "/compte/sessions": Access.SIGNED_IN,
    "/compte/facteur": Access.SIGNED_IN,
    "/compte/facteur/retirer": Access.SIGNED_IN,
    "/compte/codes": Access.SIGNED_IN,
    "/compte/cles": Access.SIGNED_IN,
    "/compte/cles/defi": Access.SIGNED_IN,
    "/compte/cles/{cle}/retirer": Access.SIGNED_IN,
    "/equipe": Access.READ,
    "/equipe/changer": Access.WRITE,
    "/reglages": Access.ADMINISTER,
    "/reglages/essai": Access.ADMINISTER,
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
    "/api/v1/static-lists": Access.WRITE,
    "/api/v1/lists": Access.READ,
    "/api/v1/lists/{name}": Access.READ,
    "/api/v1/lists/{name}/members": Access.PERSONAL,
    "/api/v1/lists/{name}/add": Access.PERSONAL,
    "/api/v1/lists/{name}/remove": Access.PERSONAL,
    "/api/v1/lists/{name}/empty": Access.PERSONAL,
    "/api/v1/lists/{name}/delete": Access.PUBLISH,
    **{
        f"/api/v1/reports/{one}": Access.READ
        for one in (
            *("house", "campaigns", "campaigns/{name}", "course", "messages", "lists"),
            *("conversions", "sources", "indicators", "goals", "experiments", "team"),
        )
    },
    **{
        f"/api/v1/reports/{one}": Access.PERSONAL
        for one in ("campaigns/{name}/present", "campaigns/{name}/gone", "leads/{lead}")
    },
    "/extensions": Access.READ,
    "/extensions/email/delivrabilite": Access.READ,
    "/rapports": Access.READ,
    **{
        f"/rapports/{one}{file}": Access.READ
        for one in (
            *("maison", "campagnes", "campagne", "cours", "message", "liste", "conversion"),
            *("sources", "indicateurs", "objectifs", "experiences", "equipe"),
        )
        for file in ("", "/{partie}")
    },
    **{
        f"/rapports/{one}{file}": Access.PERSONAL
        for one in ("presents", "sortis")
        for file in ("", "/{partie}")
    },
    "/api/v1/reports/delivrabilite": Access.READ,
    "/rapports/delivrabilite": Access.READ,
    "/rapports/delivrabilite/{partie}": Access.READ,
    "/api/v1/leads": Access.PERSONAL,
    "/api/v1/leads/tag": Access.PERSONAL,
    "/api/v1/leads/untag": Access.PERSONAL,
    "/api/v1/leads/create": Access.PERSONAL,
    "/api/v1/leads/{lead}": Access.PERSONAL,
    **{
        f"/api/v1/leads/{{lead}}/{way}": Access.PERSONAL
        for way in ("correct", "merge", "separate", "erase", "dossier")
    },
    "/api/v1/leads/{lead}/explanation": Access.PERSONAL,
    "/scripts": Access.READ,
    "/scripts/{file:path}": Access.READ,
    "/dessiner/{file:path}": Access.PUBLISH,
    # Where what is saved is published, as in these tests: elsewhere, for who writes.
    "/scenarios/{file:path}": Access.READ,
    "/rejouer/{file:path}": Access.WRITE,
    "/essais/{file:path}": Access.WRITE,
    "/essais-lead/{file:path}": Access.PERSONAL,
    "/essais-ajouter/{file:path}": Access.PUBLISH,
    "/enregistrer/{file:path}": Access.PUBLISH,
    "/renommer": Access.PUBLISH,
    "/messages": Access.READ,
    "/messages/nouveau": Access.PUBLISH,
    "/messages/{file:path}": Access.READ,
    "/apercu/{mark}": Access.READ,
    "/lecteur/{file:path}": Access.PERSONAL,
    "/apercevoir/{file:path}": Access.PUBLISH,
    "/enregistrer-message/{file:path}": Access.PUBLISH,
    "/essayer/{file:path}": Access.PUBLISH,
    "/vif/importations": Access.PERSONAL,
    "/vif/etat": Access.READ,
    "/etat/tableau": Access.READ,
    "/importer": Access.PERSONAL,
    "/importer/suivi/{mark}": Access.PERSONAL,
    "/importer/suivi/{mark}/rejets": Access.PERSONAL,
    "/importer/{depot}/colonnes": Access.PERSONAL,
    "/importer/{depot}/essai": Access.PERSONAL,
    "/importer/{depot}/lancer": Access.PERSONAL,
    "/formulaires": Access.READ,
    "/formulaires/{nom}": Access.READ,
    "/formulaires/{nom}/arrivees": Access.READ,
    "/formulaires/{nom}/essayer": Access.WRITE,
    "/vif/formulaires": Access.READ,
    "/api/v1/leads/export": Access.PERSONAL,
    "/api/v1/team": Access.READ,
    "/api/v1/team/save": Access.WRITE,
    "/api/v1/team/remove": Access.WRITE,
    "/api/v1/settings": Access.ADMINISTER,
    "/api/v1/import-files": Access.PERSONAL,
    "/api/v1/import-files/{file}/try": Access.PERSONAL,
    "/api/v1/import-files/{file}/start": Access.PERSONAL,
    "/api/v1/imports": Access.PERSONAL,
    "/api/v1/imports/{import}": Access.PERSONAL,
    "/api/v1/imports/{import}/rejects": Access.PERSONAL,
    "/api/v1/forms": Access.READ,
    "/api/v1/forms/{name}": Access.READ,
    "/api/v1/forms/{name}/answers": Access.PERSONAL,
    "/api/v1/forms/{name}/try": Access.WRITE,
    "/api/v1/scripts": Access.READ,
    "/api/v1/scripts/{file:path}": Access.READ,
    "/api/v1/saved-scripts/{file:path}": Access.PUBLISH,
    "/api/v1/models": Access.READ,
    "/api/v1/new-scripts": Access.PUBLISH,
    "/api/v1/models/{model}/copy": Access.WRITE,
    "/api/v1/messages": Access.READ,
    "/api/v1/messages/create": Access.PUBLISH,
    "/api/v1/messages/{channel}/{name}": Access.READ,
    **{
        f"/api/v1/messages/{{channel}}/{{name}}/{way}": Access.PUBLISH
        for way in ("save", "preview", "try")
    },
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
    "/nouvelle-campagne": Access.PUBLISH,
    "/bibliotheque/{modele}": Access.WRITE,
    "/publier": Access.PUBLISH,
    "/campagnes/{campagne}": Access.READ,
    "/campagnes/{campagne}/arbre": Access.READ,
    "/campagnes/{campagne}/brouillon/{file:path}": Access.PUBLISH,
    "/campagnes/{campagne}/script/{file:path}": Access.PUBLISH,
    "/campagnes/{campagne}/vif": Access.READ,
    "/campagnes/{campagne}/personnes": Access.PERSONAL,
    "/campagnes/{campagne}/scenarios": Access.READ,
    "/campagnes/{campagne}/jouer": Access.WRITE,
    "/campagnes/{campagne}/rapport": Access.READ,
    "/campagnes/{campagne}/rapport/{partie}": Access.READ,
    "/campagnes/{campagne}/versions": Access.READ,
    "/campagnes/{campagne}/versions/{version}": Access.PUBLISH,
    "/campagnes/{campagne}/cloner": Access.WRITE,
    "/campagnes/{campagne}/{ordre}": Access.PUBLISH,
}
#: Of those, what has no end while the page is open.
ENDLESS = ("/vif", "/vif/etat", "/vif/formulaires", "/vif/importations", "/listes/vif")
