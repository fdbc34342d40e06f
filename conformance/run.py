#!/usr/bin/env python3
"""Runs plans of the OpenID Foundation's conformance suite against a freshly started server and compares with expected.json.

The suite must be running already. See README.md.
"""

import argparse
import base64
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from phone import Phone

HERE = pathlib.Path(__file__).resolve().parent
MODULE_TIMEOUT_SECS = 240
START_TIMEOUT_SECS = 60
# A running server looks every second for what a command has changed.
ROTATED_SECS = 3
# The module that looks at new keys knows no others (its condition fails for a key of the type OKP).
ROTATED_KINDS = ("P-256", "RSA")
BEGIN, END = "<!-- the last run: written by run.py -->", "<!-- end of the last run -->"
# The person of workspace.toml who is asked without a browser.
PHONE = ("robin", "known-to-everybody-robin")
# What nobody has to explain. REVIEW: the module asked for a picture of a page, and browser.json showed it the page
# with the words that it has to have.
FINE = ("PASSED", "REVIEW")


def read(name):
    return json.loads((HERE / name).read_text())


class Suite:
    """The REST API of a running suite."""

    def __init__(self, base, token):
        self.base = base.rstrip("/")
        self.token = token
        # On this machine its certificate is usually made by itself.
        self.tls = ssl._create_unverified_context()

    def call(self, method, path, query=None, body=None):
        url = f"{self.base}/api/{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=90) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as e:
            raise SystemExit(f"{method} {url}: {e.code} {e.read().decode(errors='replace')[:500]}") from e
        except urllib.error.URLError as e:
            raise SystemExit(f"{method} {url}: {e.reason}; is the suite running there?") from e

    def module(self, plan, module, server):
        """Runs one module to its end; its status, result and the conditions that did not hold."""
        query = {"test": module["testModule"], "plan": plan, "variant": json.dumps(module.get("variant") or {})}
        run = self.call("POST", "runner", query)["id"]
        deadline = time.monotonic() + MODULE_TIMEOUT_SECS
        rotated = False
        while True:
            info = self.call("GET", f"info/{run}")
            if info["status"] in ("FINISHED", "INTERRUPTED"):
                break
            if info["status"] == "CONFIGURED" and not rotated:
                # The module waits until the operator has turned the signing keys; the server reads the change itself.
                for kind in ROTATED_KINDS:
                    server.countersign("keys", "rotate", "--kind", kind)
                time.sleep(ROTATED_SECS)
                rotated = True
                self.call("POST", f"runner/{run}")
            if time.monotonic() > deadline:
                self.call("DELETE", f"runner/{run}")
                return run, "TIMEOUT", [info["status"]]
            time.sleep(0.5)
        log = self.call("GET", f"log/{run}")
        failing = [e for e in log if e.get("result") in ("FAILURE", "WARNING", "SKIPPED")]
        seen = dict.fromkeys(f"{e['src']}: {e.get('msg', '')}" for e in failing)
        return run, info.get("result") or "UNKNOWN", list(seen)


class Server:
    """Our server in a folder of its own, with a certificate of its own, ready when this is made."""

    def __init__(self, program, folder, port, suite, keys):
        self.program = program
        self.folder = folder
        self.phone = None
        self.issuer = f"https://localhost:{port}"
        # Where clients show certificates (RFC 8705 §5).
        self.mutual = f"https://localhost:{port + 1}"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "7", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
                "-keyout", folder / "tls.key", "-out", folder / "tls.pem")
        # The suite is a partner whose addresses are asked: for keys, request objects, notifications.
        where = urllib.parse.urlsplit(suite)
        (folder / "suite.pem").write_text(ssl.get_server_certificate((where.hostname, where.port or 443)))
        (folder / "countersign.toml").write_text(
            f'[server]\nissuer = "{self.issuer}"\nlisten = "127.0.0.1:{port}"\n'
            f'tls = {{ cert = "{folder}/tls.pem", key = "{folder}/tls.key" }}\n'
            f'mtls = {{ listen = "127.0.0.1:{port + 1}", issuer_alias = "{self.mutual}" }}\n'
            f'[database]\nurl = "sqlite://{folder}/countersign.db"\n[keys]\ndir = "{folder}/keys"\n'
            f'[outbound]\ntrust_anchors = ["{folder}/suite.pem"]\nallow_hosts = ["{where.hostname}"]\n')
        workspace = (HERE / "workspace.toml").read_text().replace("SUITE", suite)
        workspace = re.sub(r'"KEY (.+?)"', lambda named: keys.public(named[1]), workspace)
        (folder / "workspace.toml").write_text(workspace)
        self.countersign("apply", folder / "workspace.toml")
        self.log = (folder / "server.log").open("wb")
        self.process = subprocess.Popen([program, "serve", "--config", folder / "countersign.toml"],
                                        stdout=self.log, stderr=self.log)
        self.wait(port)

    def phone_address(self):
        if self.phone is None:
            self.phone = Phone(self.program, self.folder, self.issuer, *PHONE)
        return self.phone.address

    def countersign(self, *arguments):
        subprocess.run([self.program, *arguments, "--config", self.folder / "countersign.toml"], check=True,
                       stdout=subprocess.DEVNULL)

    def wait(self, port):
        deadline = time.monotonic() + START_TIMEOUT_SECS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"the server did not start:\n{(self.folder / 'server.log').read_text()}")

    def stop(self):
        if self.phone is not None:
            self.phone.stop()
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()


class Keys:
    """The keys of clients, made anew by every run: one for every name that is asked for, `<alg> <whose>`."""

    # As openssl generates them, and what it calls their numbers: RFC 7518 §6.2 and §6.3.
    KINDS = {"ES256": ("EC", "ec_paramgen_curve:P-256"), "PS256": ("RSA", "rsa_keygen_bits:2048")}
    RSA = {"modulus": "n", "privateExponent": "d", "prime1": "p", "prime2": "q", "exponent1": "dp", "exponent2": "dq",
           "coefficient": "qi"}

    def __init__(self):
        self.made = {}
        self.certified = {}

    def pem(self, name):
        if name not in self.made:
            kind, size = self.KINDS[name.split()[0]]
            self.made[name] = openssl("genpkey", "-algorithm", kind, "-pkeyopt", size)
        return self.made[name]

    def certificate(self, name):
        """Signed by the key itself."""
        if name not in self.certified:
            self.certified[name] = openssl("req", "-x509", "-new", "-key", "/dev/stdin", "-days", "7", "-subj",
                                           f"/CN={name}", stdin=self.pem(name))
        return self.certified[name]

    def private(self, name):
        """A JWK Set for the suite, which signs with it."""
        return {"keys": [self.jwk(name)]}

    def mutual(self, name):
        """What the suite shows as a client of TLS."""
        return {"cert": self.certificate(name).decode(), "key": self.pem(name).decode()}

    def public(self, name):
        """The JWK Set in TOML, for workspace.toml: nothing secret, and the certificate."""
        members = {k: v for k, v in self.jwk(name).items() if k in ("kty", "crv", "x", "y", "n", "e", "kid", "use", "alg")}
        body = "".join(self.certificate(name).decode().splitlines()[1:-1])
        return "{ keys = [{ " + ", ".join(f'{k} = "{v}"' for k, v in members.items()) + f', x5c = ["{body}"] }}] }}'

    def jwk(self, name):
        text = openssl("pkey", "-noout", "-text", stdin=self.pem(name)).decode()
        found = {part: bytes.fromhex(re.sub(r"[\s:]", "", hexadecimal)).lstrip(b"\0") for part, hexadecimal
                 in re.findall(r"^(\w+):\s*\n((?:\s+[0-9a-f:]+\n)+)", text, re.MULTILINE)}
        alg = name.split()[0]
        if alg == "ES256":
            # SEC 1 §2.3.3: 4, then both coordinates.
            numbers = {"kty": "EC", "crv": "P-256", "d": base64url(found["priv"].rjust(32, b"\0")),
                       "x": base64url(found["pub"][1:33]), "y": base64url(found["pub"][33:])}
        else:
            # openssl's public exponent is 65537 unless asked otherwise.
            numbers = {"kty": "RSA", "e": "AQAB"} | {short: base64url(found[long]) for long, short in self.RSA.items()}
        return numbers | {"kid": name.replace(" ", "-"), "use": "sig", "alg": alg}


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], check=True, input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def base64url(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def configuration(entry, server, keys):
    """config.json, what the plan has of its own, and the blocks of browser.json in the place of their names."""
    blocks = read("browser.json")
    config = read("config.json") | entry.get("config", {})
    for client in (config["client"], config["client2"]):
        if "jwks" in client:
            client["jwks"] = keys.private(client["jwks"])
    for name in ("mtls", "mtls2"):
        if name in config:
            config[name] = keys.mutual(config[name])
    config["browser"] = [blocks[name] for name in config["browser"]]
    config["override"] = {module: {"browser": [blocks[name] for name in names]}
                          for module, names in config["override"].items()}
    return json.loads(json.dumps(config).replace("ISSUER", server.issuer).replace("MUTUAL", server.mutual).replace(
        "PHONE", server.phone_address() if "automated_ciba_approval_url" in config else ""))


def judged(expected, plan, name, result, failing):
    """Is it as expected, and the reason for a deviation."""
    for entry in expected:
        if entry["plan"] in ("*", plan) and entry["module"] in ("*", name):
            entry["met"] = True
            conditions = {line.split(":", 1)[0] for line in failing}
            if result in FINE and entry.get("may_pass"):
                return True, ""
            as_said = entry["result"] == result and set(entry.get("conditions", conditions)) == conditions
            return as_said, entry["reason"] if as_said else "not as expected.json says: " + "; ".join(failing)
    return result in FINE, "; ".join(failing)


def table(runs):
    """When each plan was run. Then for every family of plans: one line a module, one column a plan. The reasons below."""
    rows = [row for run in runs for row in run["rows"]]
    wrong = sum(not r["ok"] for r in rows)
    count = {result: sum(r["result"] == result for r in rows) for result in sorted({r["result"] for r in rows})}
    notes = []

    def cell(row):
        if row is None:
            return ""
        if row["ok"] and not row["remark"]:
            return row["result"]
        remark = ("" if row["ok"] else "**unexpected** ") + row["remark"].replace("|", "/")
        if remark not in notes:
            notes.append(remark)
        return f"{row['result']} ({notes.index(remark) + 1})"

    lines = [f"{len(rows)} runs of modules, " + ", ".join(f"{n} {result}" for result, n in count.items()) +
             f"; {wrong} not as expected.", ""]
    for when in dict.fromkeys(run["when"] for run in runs):
        lines.append(f"- {when}: " + ", ".join(run["plan"] for run in runs if run["when"] == when))
    for family in dict.fromkeys(run["family"] for run in runs):
        columns = [{row["module"]: row for row in run["rows"]} for run in runs if run["family"] == family]
        lines += ["", "| module | " + " | ".join(run["plan"] for run in runs if run["family"] == family) + " |",
                  "|---" * (len(columns) + 1) + "|"]
        for module in dict.fromkeys(module for column in columns for module in column):
            lines.append(f"| {module} | " + " | ".join(cell(column.get(module)) for column in columns) + " |")
    if notes:
        lines += ["", *(f"{i}. {note}" for i, note in enumerate(notes, 1))]
    return "\n".join(lines)


def write_down(runs):
    """In the place of what was known of the same plans; the table of README.md shows the last run of every plan."""
    last = {run["plan"]: run for run in [*read("results.json"), *runs]}
    kept = [last[entry["name"]] for entry in read("plans.json") if entry["name"] in last]
    # A line a plan.
    lines = ",\n".join(json.dumps(run, ensure_ascii=False) for run in kept)
    (HERE / "results.json").write_text(f"[\n{lines}\n]\n")
    before, rest = (HERE / "README.md").read_text().split(BEGIN)
    (HERE / "README.md").write_text(f"{before}{BEGIN}\n{table(kept)}\n{END}{rest.split(END)[1]}")


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--plan", action="append", help="only plans whose name in plans.json contains this")
    args.add_argument("--module", action="append", help="only modules whose name contains this")
    args.add_argument("--keep", action="store_true", help="keep the server's folder with its log")
    args.add_argument("--readme", action="store_true", help="write the results of these plans into README.md")
    args = args.parse_args()
    if args.readme and args.module:
        raise SystemExit("--readme shows whole plans: leave --module out")
    base = os.environ.get("CONFORMANCE_SERVER", "https://localhost:8443")
    program = os.environ.get("COUNTERSIGN", str(HERE.parent / "target/release/countersign"))
    port = int(os.environ.get("COUNTERSIGN_PORT", "9443"))

    suite = Suite(base, os.environ.get("CONFORMANCE_TOKEN"))
    version = suite.call("GET", "server")
    expected = read("expected.json")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="countersign-conformance-"))
    keys = Keys()
    server = Server(program, folder, port, suite.base, keys)
    when = f"{time.strftime('%Y-%m-%d', time.gmtime())}, suite {version['version']}, revision {version['revision']}"
    runs = []
    try:
        for entry in read("plans.json"):
            if args.plan and not any(p in entry["name"] for p in args.plan):
                continue
            plan = suite.call("POST", "plan", {"planName": entry["plan"], "variant": json.dumps(entry["variant"])},
                              configuration(entry, server, keys))
            rows = []
            for module in plan["modules"]:
                name = module["testModule"]
                if args.module and not any(m in name for m in args.module):
                    continue
                if server.phone is not None:
                    server.phone.catch_up()
                run, result, failing = suite.module(plan["id"], module, server)
                ok, remark = judged(expected, entry["name"], name, result, failing)
                rows.append({"module": name, "result": result, "ok": ok, "remark": remark})
                print(f"{'ok ' if ok else 'BAD'} {result:8} {name} {suite.base}/log-detail.html?log={run} {remark}",
                      flush=True)
            runs.append({"plan": entry["name"], "family": entry["plan"].split("-")[0], "when": when, "rows": rows})
            if args.readme:
                write_down(runs)
    finally:
        server.stop()
        if args.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder)
    print("\n" + table(runs))
    stale = [] if args.plan or args.module else [e for e in expected if "met" not in e]
    for entry in stale:
        print(f"expected.json: no module {entry['module']} was run in the plan {entry['plan']}")
    rows = [row for run in runs for row in run["rows"]]
    return 0 if rows and not stale and all(r["ok"] for r in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
