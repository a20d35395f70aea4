"""The small words of names, and the names whose capitals no rule tells."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Small wherever they stand: « de La Fontaine », « von Trapp ».
PARTICLES = _words("de du des van von zu zum zur dos das der den ten ter")
#: Small inside a name only: « Mohammed ben Salmane », but « Ben Ali », « Di Stefano ».
FOREIGN_PARTICLES = _words("da di do del dalla della degli ben bin bint ibn y e et ou")
#: What somebody is or was, before another name: « Tremblay, née Roy », « Roy dit Lafleur ».
STATES = _words(
    "né née nés nées dit dite dits dites épouse époux ép veuve veuf vve alias surnommé surnommée "
    "anciennement"
)
#: They keep their capital, « Le Goff », « de La Rue », but in a chain: « Marie-de-la-Croix ».
ARTICLES = _words("la le les")
#: Small inside a name, before a hyphen: « Bachar al-Assad ».
ARABIC_ARTICLES = _words("al el as ad ar an at az ash")
#: Small inside the name of a place: « Saint-Jean-sur-Richelieu ».
PLACE_WORDS = _words("la le les sur sous en au aux à et lès lez devant près sans ou of the upon")
#: What an apostrophe follows, a capital after it: « L’Heureux », « O’Brien », « N’Guyen ».
ELIDED = _words("b c d dall dell degl j k l m mac n o qu s sant t")
#: At the end of a name.
FINAL_UPPER = _words("ii iii iv vii viii")
#: Provinces and territories, after the name of a place: « Québec (QC) ».
PROVINCES = _words("qc on nb ns pe nl mb sk ab bc yt nt nu")
FINAL_LOWER = _words("fils père fille")
#: First names by their initials alone.
WRITTEN_TOGETHER = _words("jp jf jc jm js jb jd jg jl jn jt jx")

#: « MacLeod » is Scottish; « Macron », « Mackie », « Machado », « Macé » are not.
MAC_NAMES = _words(
    "macadam macalister macallister macalpine macandrew macarthur macaskill macauley macbain "
    "macbride maccallum maccann maccarthy maccormack maccormick maccrimmon maccuish macculloch "
    "macdermott macdiarmid macdonald macdonell macdonnell macdougal macdougall macduff "
    "maceachen maceachern macewan macewen macfadden macfadyen macfarlane macfarland macfie "
    "macgillis macgillivray macgowan macgregor macguire macinnes macinnis macintosh macintyre "
    "macisaac macivor mackay mackenzie mackinlay mackinley mackinnon mackintosh maclachlan "
    "maclaine maclaren maclaughlin maclean macleish maclellan maclennan macleod macmahon "
    "macmaster macmillan macmullen macmullin macmurray macnab macnabb macnair macnamara "
    "macnaughton macneil macneill macnicol macphail macphee macpherson macquarrie macqueen "
    "macrae macritchie macsween mactaggart mactavish macvicar macwilliam macwilliams"
)
