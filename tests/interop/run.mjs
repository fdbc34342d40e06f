// Runs the tests of this folder, or those that are named, with certificates for this machine whose authority every
// client trusts in the way that its own documentation describes. `./test interop` does that, and installs what is missing.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const named = process.argv.slice(2);
const files = named.length ? named : readdirSync(here).filter((name) => name.endsWith('.test.mjs')).map((name) => join(here, name));

// An authority that signs the certificates of both servers, as any operator's does.
const tls = mkdtempSync(join(tmpdir(), 'countersign-interop-tls-'));
const authority = join(tls, 'ca.pem');
writeFileSync(join(tls, 'openssl.cnf'), `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost
`);
const certificate = (name, ...more) => execFileSync('openssl', [
  'req', '-x509', '-config', join(tls, 'openssl.cnf'), '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
  '-keyout', join(tls, `${name}.key`), '-out', join(tls, `${name}.pem`), ...more,
], { stdio: 'pipe' });
certificate('ca', '-subj', '/CN=Interop', '-extensions', 'authority');
certificate('tls', '-subj', '/CN=localhost', '-extensions', 'server', '-CA', authority, '-CAkey', join(tls, 'ca.key'));

const options = ['--test', '--test-reporter=spec'];
// Debian 12 has Node 18, where the Web Cryptography that openid-client uses waits behind this option.
if (Number(process.versions.node.split('.')[0]) < 20) options.unshift('--experimental-global-webcrypto');
// Our server listens on 127.0.0.1, which is not everywhere the first of what localhost resolves to.
options.unshift('--dns-result-order=ipv4first');
const env = { ...process.env, INTEROP_TLS: tls, NODE_EXTRA_CA_CERTS: authority, REQUESTS_CA_BUNDLE: authority };
const child = spawn(process.execPath, [...options, ...files], { env, stdio: 'inherit' });
child.once('exit', (code) => {
  rmSync(tls, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
