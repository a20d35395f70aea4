"""A small identity provider: OpenID Connect over real HTTP, real keys, real signatures, in its own server.

It lets in whoever comes, as `person`; what it does wrong is asked of it by `bent`.
"""

import asyncio
import json
import socket
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "relance", "un secret : long & sûr"
ZOE: Mapping[str, Any] = {
    "sub": "z-1",
    "email": "zoe@exemple.ca",
    "email_verified": True,
    "name": "Zoé Roy",
}


@cache
def a_key(_: str) -> rsa.RSAPrivateKey:
    """One of that name: they are long to find."""
    return rsa.generate_private_key(65_537, 2_048)


class Provider:
    """One. `now`: what time it is there; `bent`: what is asked of it that no provider should do."""

    def __init__(self, issuer: str) -> None:
        self.issuer, self.person = issuer, dict(ZOE)
        self.bent: dict[str, Any] = {}
        self.besides: dict[str, Any] = {}
        self.asks = False
        self.keys = {"un": a_key("un")}
        self.other = ec.generate_private_key(ec.SECP256R1())
        self.given: dict[str, Mapping[str, str]] = {}
        self.seen: list[Mapping[str, str]] = []
        self.now = lambda: int(time.time())

    def turn(self, name: str = "deux", key: str = "deux") -> None:
        """Sign by another key from now on."""
        self.keys = {name: a_key(key)}

    def app(self) -> Starlette:
        paths = {
            "/.well-known/openid-configuration": self.metadata,
            "/keys": self.published,
            "/authorize": self.authorize,
            "/userinfo": self.userinfo,
        }
        routes = [Route(path, answer) for path, answer in paths.items()]
        return Starlette(routes=[*routes, Route("/token", self.token, methods=["POST"])])

    async def metadata(self, _: Request) -> Response:
        if "metadata" in self.bent:
            return self.bent["metadata"]  # type: ignore[no-any-return]
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            **self.bent.get("places", {}),
        }
        return JSONResponse(said)

    async def published(self, _: Request) -> Response:
        algorithm = jwt.algorithms.RSAAlgorithm
        keys = [
            {**json.loads(algorithm.to_jwk(key.public_key())), "kid": name, "use": "sig"}
            for name, key in self.keys.items()
        ]
        return JSONResponse({"keys": keys})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.seen.append(asked)
        if self.asks and "oui" not in asked:
            again = urlencode({**asked, "oui": "1"})
            link = f"<a href='/authorize?{again}'>Je suis Zoé</a>"
            return HTMLResponse(f"<!doctype html><title>Fournisseur</title><main>{link}</main>")
        if "error" in self.bent:
            back = {"error": self.bent["error"], "state": asked["state"]}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 303)
        code = f"code-{len(self.seen)}"
        self.given[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.bent.get("iss", self.issuer)}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 303)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        pair = f"{CLIENT}:{'un%20secret%20%3A%20long%20%26%20s%C3%BBr'}"
        said = request.headers.get("authorization", "")
        way = "basic" if said else "post"
        basic = b64decode(said.removeprefix("Basic ")).decode()
        if way == "post" and (form["client_id"], form["client_secret"]) == (CLIENT, SECRET):
            basic = pair
        proof = sha256(str(form["code_verifier"]).encode()).digest()
        challenge = urlsafe_b64encode(proof).rstrip(b"=").decode()
        if basic != pair or way != self.bent.get("by", "basic"):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self.given.pop(str(form["code"]), None)
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        await asyncio.sleep(self.bent.get("slow", 0))
        if "token" in self.bent:
            return self.bent["token"]  # type: ignore[no-any-return]
        said = {
            "access_token": self.bent.get("access", "entre"),
            "token_type": "Bearer",
            "id_token": self.signed(asked),
        }
        return JSONResponse(said)

    def signed(self, asked: Mapping[str, str]) -> str:
        now = self.now()
        claims = {
            **self.person,
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        if "max_age" in asked:
            claims["auth_time"] = now
        claims |= self.bent.get("claims", {})
        claims = {name: one for name, one in claims.items() if one is not None}
        name, key = next(iter(self.keys.items()))
        match self.bent.get("alg", "RS256"):
            case "none":
                return jwt.encode(claims, None, "none", {"kid": name})
            case "HS256":
                return jwt.encode(claims, SECRET * 3, "HS256", {"kid": name})
            case "ES256":
                return jwt.encode(claims, self.other, "ES256", {"kid": name})
            case "stolen":
                return jwt.encode(claims, a_key("volé"), "RS256", {"kid": name})
            case algorithm:
                return jwt.encode(claims, key, algorithm, {"kid": name})

    async def userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer entre"
        return JSONResponse(self.besides)


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """One that answers, on this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    made = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}")
    config = uvicorn.Config(made.app(), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield made
    finally:
        server.should_exit = True
        await serving
        listening.close()
