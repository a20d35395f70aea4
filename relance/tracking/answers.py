"""What the links and pictures that tell of people are answered with: never kept, and discreet."""

import base64

#: A GIF of one transparent dot.
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
#: Asked again each time, or it would tell of the first time only.
NOT_KEPT = {"cache-control": "no-store"}
#: The address itself says who it was made for: the page one lands on is not told it.
DISCREET = {**NOT_KEPT, "referrer-policy": "no-referrer"}
