"""A mail server on loopback for the tests: writes each letter that it takes to a folder, as JSON.

Started with one argument, JSON: {"folder", "answers": [...], "login": [name, password] | null,
"certificate": [chain, key] | null, "at_once": bool}. Each letter is answered with the next of "answers", the last of
them for ever. Prints its port when it listens, and ends when its standard input does.
"""

import asyncio
import email
import email.policy
import json
import logging
import os
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# What it thinks of a login without TLS and of clients that hang up is part of the tests.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

SETUP = json.loads(sys.argv[1])


class Handler:
    tried = 0

    async def handle_DATA(self, server, session, envelope):
        answer = SETUP["answers"][min(self.tried, len(SETUP["answers"]) - 1)]
        self.tried += 1
        letter = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        leaves = [part for part in letter.walk() if not part.is_multipart()]
        seen = {
            "answer": answer,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
            "login": session.auth_data.login.decode() if session.auth_data else None,
            "headers": [[name, str(value)] for name, value in letter.items()],
            "kind": letter.get_content_type(),
            "parts": [[part.get_content_type(), part.get_content().replace("\r\n", "\n")] for part in leaves],
            "raw": envelope.original_content.decode("ascii"),
        }
        path = os.path.join(SETUP["folder"], f"{self.tried:04}.json")
        with open(path + ".new", "w") as file:
            json.dump(seen, file)
        os.rename(path + ".new", path)
        return answer


def check(server, session, envelope, mechanism, data):
    wanted = SETUP["login"] or ["", ""]
    fine = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == wanted
    return AuthResult(success=fine, handled=False, auth_data=data)


def context():
    if not SETUP["certificate"]:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*SETUP["certificate"])
    return made


async def main():
    handler, tls = Handler(), context()
    options = {"hostname": "mail.localhost"}
    if SETUP["login"]:
        options |= {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    if tls and not SETUP["at_once"]:
        options |= {"tls_context": tls, "require_starttls": True}
    loop = asyncio.get_running_loop()
    wrapped = tls if SETUP["at_once"] else None
    server = await loop.create_server(lambda: SMTP(handler, **options), "127.0.0.1", 0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
