"""The device of somebody who is asked without a browser (CIBA): paired on our pages, it approves and denies for them."""

import html
import html.parser
import http.server
import json
import os
import re
import ssl
import subprocess
import threading
import urllib.parse
import urllib.request


class Form(html.parser.HTMLParser):
    """What a page would send if a button of it were pressed."""

    def __init__(self, page, name, value):
        super().__init__()
        self.pressed, self.action, self.fields, self.found = (name, value), None, {}, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        at = dict(attributes)
        if tag == "form":
            self.action, self.fields = at.get("action"), {}
        elif tag == "input" and at.get("type") == "hidden":
            self.fields[at["name"]] = at.get("value", "")
        elif tag == "button" and (at.get("name"), at.get("value")) == self.pressed and self.found is None:
            # Fields that stand behind the button still come into the same dictionary.
            self.found = (self.action, self.fields)


class Phone:
    """Answers at `address`: the suite says there what the person shall do (`type`: allow or deny)."""

    def __init__(self, program, folder, issuer, username, password):
        self.program, self.folder, self.issuer = program, folder, issuer
        self.site = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=folder / "tls.pem")),
            urllib.request.HTTPCookieProcessor())
        self.pair(username, password)
        phone = self

        class Listener(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)["type"][0]
                phone.terminal("approve" if asked == "allow" else "deny")
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def terminal(self, command, *arguments, check=True):
        return subprocess.run([self.program, "authenticator", command, "--file", self.folder / "phone.json", *arguments],
                              check=check, stdout=subprocess.PIPE,
                              env={**os.environ, "SSL_CERT_FILE": str(self.folder / "tls.pem")}).stdout

    def catch_up(self):
        """Approves what nobody had answered: one whose phone goes on ringing unanswered is not asked again for a while."""
        for account in json.loads(self.terminal("list", "--json")):
            for request in account["requests"]:
                # It may have come to its end by now.
                self.terminal("approve", request["id"], check=False)

    def open(self, url, fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        with self.site.open(urllib.parse.urljoin(self.issuer, url), data, timeout=30) as answer:
            return answer.url, answer.read().decode()

    def press(self, at, name=None, value=None, **typed):
        url, page = at
        action, fields = Form(page, name, value).found
        pressed = {name: value} if name else {}
        return self.open(urllib.parse.urljoin(url, action or url), {**fields, **typed, **pressed})

    def pair(self, username, password):
        at = self.press(self.open("/account/security"), username=username, password=password)
        # Among what the account's page offers, and once more in the sign-in that follows.
        at = self.press(self.press(at, "method", "push"), "method", "push")
        at = self.press(at, "action", "reveal")
        self.terminal("pair", re.search(r'"([^"]*/authenticator#pair[^"]*)"', html.unescape(at[1]))[1])
        at = self.open(at[0])
        self.terminal("approve", "--number", re.sub(r"\s", "", re.search(r"data-number[^>]*>([\d\s]+)<", at[1])[1]))
        self.press(self.open(at[0]), "action", "continue")

    def stop(self):
        self.server.shutdown()
