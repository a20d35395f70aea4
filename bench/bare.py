"""The baseline of the intake: Starlette reads the form and answers; nothing is stored.

`/envoyer` also sends the e-mail at once, as a script with no memory would.
"""

import sys
from email.message import EmailMessage

import aiosmtplib
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def application(smtp_port: int) -> Starlette:
    """A form that answers at once, and a send by SMTP: what Relance is measured beside."""

    async def form(request: Request) -> JSONResponse:
        fields = await request.form()
        return JSONResponse({"champs": len(fields)}, status_code=202)

    async def send(request: Request) -> JSONResponse:
        fields = await request.form()
        message = EmailMessage()
        message["From"] = "bonjour@boutique.example"
        message["To"] = str(fields["courriel"])
        message["Subject"] = "Bienvenue"
        message.set_content("Bonjour !")
        await aiosmtplib.send(message, hostname="127.0.0.1", port=smtp_port)
        return JSONResponse({"champs": len(fields)}, status_code=202)

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    return Starlette(
        routes=[
            Route("/webhooks/forms/{form}", form, methods=["POST"]),
            Route("/envoyer/{form}", send, methods=["POST"]),
            Route("/sante", health),
        ]
    )


def main() -> None:
    """Serve on the ports given, with the settings `relance serve` uses."""
    port, smtp_port = (int(argument) for argument in sys.argv[1:])
    uvicorn.run(
        application(smtp_port),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
