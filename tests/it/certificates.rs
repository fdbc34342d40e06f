//! Clients with certificates, and a provider whose second listener asks for them.

use std::net::SocketAddr;
use std::sync::Arc;

use countersign::base::encoding::{base64, base64url, sha256};
use countersign::base::{Entropy, SystemEntropy};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    SanType,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::TLS12;
use rustls::{CipherSuite, ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::browser::Browser;
use crate::harness::{Database, Files, Op, free_port};
use crate::relying_party::{Ask, Reply, Rp};
use crate::workspace::PAT;

/// The name that clients with certificates call.
pub const HOST: &str = "mtls.localhost";

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Identity {
    pub der: Vec<u8>,
    pub pem: String,
    pub key: KeyPair,
}

/// What is to be in a certificate of `Cedar`'s, in California.
pub fn params(name: &str, others: &[SanType]) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in [
        (DnType::CountryName, "US"),
        (DnType::StateOrProvinceName, "California"),
        (DnType::OrganizationName, "Cedar, Inc."),
        (DnType::CommonName, name),
    ] {
        params.distinguished_name.push(kind, value);
    }
    params.subject_alt_names = others.to_vec();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    pub fn signs(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            der: certificate.der().to_vec(),
            pem: certificate.pem(),
            key,
        }
    }

    /// Another one below it, and what shows that.
    pub fn below(&self) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "Below");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }
}

impl Identity {
    pub fn self_signed() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params("self", &[]).self_signed(&key).unwrap();
        Self {
            der: certificate.der().to_vec(),
            pem: certificate.pem(),
            key,
        }
    }

    /// `x5t#S256`.
    pub fn thumbprint(&self) -> String {
        base64url(&sha256(&self.der))
    }

    pub fn jwk(&self) -> Value {
        let point = self.key.public_key_raw();
        let (x, y) = (base64url(&point[1..33]), base64url(&point[33..65]));
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "x5c": [base64(&self.der)]})
    }

    /// As TOML writes it.
    pub fn jwks(&self) -> String {
        let jwk = self.jwk();
        let member = |name: &str| format!("{name} = {}", jwk[name]);
        let members = ["kty", "crv", "x", "y", "x5c"].map(member);
        format!("jwks = {{ keys = [{{ {} }}] }}", members.join(", "))
    }
}

/// A provider with a listener for clients with certificates, and one authority that it believes.
pub struct Mutual {
    pub op: Op,
    address: SocketAddr,
    ours: String,
}

impl Mutual {
    pub async fn start(authority: &Authority, clients: &str) -> Self {
        Self::serve(Files::with_workspace(Database::Sqlite), authority, clients).await
    }

    pub async fn serve(mut files: Files, authority: &Authority, clients: &str) -> Self {
        let ours = Authority::new();
        let mut own = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        own.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let own = ours.signs(&own);
        files.write("mtls.pem", &own.pem);
        files.write("mtls.key", &own.key.serialize_pem());
        files.write("clients.pem", &authority.pem);
        // An address of the machine's own network that nobody else has, so that nobody takes the port in the meantime.
        let mut rest = [0; 3];
        SystemEntropy.fill(&mut rest);
        let address = SocketAddr::from(([127, rest[0].max(1), rest[1], rest[2].clamp(1, 254)], free_port()));
        files.server.push_str(&format!(
            "mtls = {{ listen = \"{address}\", issuer_alias = \"https://{HOST}:{}\", cert = \"mtls.pem\", \
             key = \"mtls.key\", client_ca = \"clients.pem\" }}\n",
            address.port()
        ));
        files.configure(0);
        files.write("clients.toml", clients);
        files.run_ok(&["apply", "clients.toml"]);
        Self {
            op: Op::serve(files).await,
            address,
            ours: ours.pem,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.address.port())
    }

    /// Calls with this certificate; `more`: the rest of its chain.
    pub fn http_with(&self, identity: Option<&Identity>, more: &str) -> reqwest::Client {
        let mut client = reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(self.ours.as_bytes()).unwrap()])
            .resolve(HOST, self.address)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if let Some(identity) = identity {
            let pem = format!("{}{}{more}", identity.key.serialize_pem(), identity.pem);
            client = client.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
        }
        client.build().unwrap()
    }

    /// What TLS 1.2 agrees on with somebody who offers these ciphers alone.
    pub async fn agrees(&self, offered: &[CipherSuite]) -> Option<CipherSuite> {
        let mut provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.cipher_suites.retain(|suite| offered.contains(&suite.suite()));
        let mut anchors = RootCertStore::empty();
        anchors
            .add(CertificateDer::from_pem_slice(self.ours.as_bytes()).unwrap())
            .unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS12])
            .unwrap()
            .with_root_certificates(anchors)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = HOST.try_into().unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
        let agreed = stream.get_ref().1.negotiated_cipher_suite();
        agreed.map(|suite| suite.suite())
    }

    pub async fn post(&self, identity: Option<&Identity>, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.send(self.http_with(identity, "").post(self.url(path)).form(fields))
            .await
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        Reply::of(&self.op, request.send().await.unwrap()).await
    }

    /// Is this client believed to be who it says?
    pub async fn knows(&self, identity: Option<&Identity>, client: &str) -> Reply {
        let fields = [("client_id", client), ("token", "whatever")];
        self.post(identity, "/introspect", &fields).await
    }

    pub async fn userinfo(&self, identity: Option<&Identity>, token: &str) -> Reply {
        let request = self.http_with(identity, "").get(self.url("/userinfo"));
        self.send(request.bearer_auth(token)).await
    }

    /// Pat signs in; what the partner gets for the code.
    pub async fn redeem(&self, identity: Option<&Identity>, ask: &Ask) -> Reply {
        let answer = Browser::new(&self.op).sign_in(ask, &PAT).await;
        let mut fields = ask.fields(answer.code());
        fields.push(("client_id", ask.rp.id));
        self.post(identity, "/token", &fields).await
    }

    pub async fn refresh(&self, identity: Option<&Identity>, rp: &Rp, token: &str) -> Reply {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", rp.id),
        ];
        self.post(identity, "/token", &fields).await
    }
}

#[track_caller]
pub fn is_known(reply: &Reply) {
    assert_eq!((reply.status, &reply.json), (200, &json!({"active": false})));
}

/// Workspace entry of a client; `more`: its lines.
pub fn client(id: &str, more: &str) -> String {
    format!(
        "[[clients]]\nclient_id = \"{id}\"\nredirect_uris = [\"https://{id}.example/cb\"]\nconsent = \"implicit\"\n\
         grant_types = [\"authorization_code\", \"refresh_token\"]\n{more}\n"
    )
}
