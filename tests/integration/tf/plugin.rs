//! A provider process and a connection to it, as a host has them.

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::codegen::{Service, http::Uri};
use tonic::transport::{Channel, Endpoint};

use super::go_plugin::grpc_controller_client::GrpcControllerClient;
use super::tfplugin6::provider_client::ProviderClient;
use super::tfplugin6::{DynamicValue, configure_provider};

/// The cookie that hosts of Terraform providers set.
pub(crate) const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// A certificate like the one that Terraform makes for each process: P-521,
/// self-signed, a CA although it is used as a leaf.
pub(crate) struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        Self { certificate: params.self_signed(&key).unwrap(), key }
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }
}

/// The fields of the handshake line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) fields: Vec<String>,
}

impl Line {
    pub(crate) fn socket(&self) -> PathBuf {
        PathBuf::from(&self.fields[3])
    }

    fn certificate(&self) -> CertificateDer<'static> {
        STANDARD_NO_PAD.decode(&self.fields[5]).unwrap().into()
    }
}

/// A running provider.
pub(crate) struct Plugin {
    pub(crate) child: Child,
    pub(crate) line: Line,
    stdout: BufReader<ChildStdout>,
    // A process that a test kills cannot remove its socket.
    _temporary: TempDir,
}

impl Plugin {
    /// The command that starts the provider of corner cases, with nothing set but the cookie.
    pub(crate) fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-corner"));
        command
            .env_clear()
            .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Starts the command and reads its line.
    pub(crate) async fn start(command: &mut Command) -> Self {
        let temporary = tempdir().unwrap();
        let mut child = command.env("TMPDIR", temporary.path()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        within(stdout.read_line(&mut line)).await.unwrap();
        let fields = line.trim_end().split('|').map(str::to_owned).collect();
        Self { child, line: Line { fields }, stdout, _temporary: temporary }
    }

    /// Starts the provider with `host` pinned and connects as `client`.
    pub(crate) async fn connected_as(
        host: &Identity,
        client: Option<&Identity>,
    ) -> (Self, Result<Channel, String>) {
        let plugin = Self::start(Self::command().env("PLUGIN_CLIENT_CERT", host.pem())).await;
        let channel = connect(&plugin.line, Security::Tls(client)).await;
        (plugin, channel)
    }

    /// A configured provider over TLS: what most tests want.
    pub(crate) async fn configured() -> (Self, ProviderClient<Channel>) {
        let (plugin, mut client) = Self::unconfigured().await;
        let config = super::pack::pack(&serde_json::json!({"prefix": "p"}));
        let request = configure_provider::Request {
            terraform_version: "1.11.4".to_owned(),
            config,
            ..Default::default()
        };
        let response = client.configure_provider(request).await.unwrap().into_inner();
        assert_eq!(response.diagnostics, Vec::new());
        (plugin, client)
    }

    /// The same, not configured.
    pub(crate) async fn unconfigured() -> (Self, ProviderClient<Channel>) {
        let host = Identity::new();
        let (plugin, channel) = Self::connected_as(&host, Some(&host)).await;
        (plugin, ProviderClient::new(channel.unwrap()).max_decoding_message_size(64 << 20))
    }

    /// The lines that the process writes on standard error, as they come.
    pub(crate) fn log(&mut self) -> Log {
        Log(BufReader::new(self.child.stderr.take().unwrap()).lines())
    }

    /// What the process said on standard error, once it ended.
    pub(crate) async fn said(&mut self) -> String {
        let mut text = String::new();
        within(self.child.stderr.take().unwrap().read_to_string(&mut text)).await.unwrap();
        text
    }

    /// Whatever followed the handshake line on standard output, once the process ended.
    pub(crate) async fn printed_more(&mut self) -> String {
        let mut text = String::new();
        within(self.stdout.read_to_string(&mut text)).await.unwrap();
        text
    }

    /// How the process ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        within(self.child.wait()).await.unwrap()
    }

    /// Sends a signal by name.
    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().await.unwrap();
        assert!(status.success());
    }
}

/// Standard error of a process, which is how it is seen what it is at.
pub(crate) struct Log(Lines<BufReader<ChildStderr>>);

impl Log {
    /// Reads on until the message was written.
    pub(crate) async fn until(&mut self, message: &str) {
        let wanted = format!("\"@message\":\"{message}\"");
        while !within(self.0.next_line()).await.unwrap().expect("the message is logged").contains(&wanted) {}
    }
}

/// Asks a process to end, as a host does.
pub(crate) async fn shut_down(channel: Channel) {
    GrpcControllerClient::new(channel).shutdown(super::go_plugin::Empty {}).await.unwrap();
}

/// What a client brings to the socket.
pub(crate) enum Security<'a> {
    Plain,
    Tls(Option<&'a Identity>),
}

/// Connects as grpc-go does: one connection, HTTP/2 by prior knowledge. In TLS 1.3 a
/// refusal of the client's certificate shows with the first answer, so one is awaited.
pub(crate) async fn connect(line: &Line, security: Security<'_>) -> Result<Channel, String> {
    let tls = match security {
        Security::Plain => None,
        Security::Tls(identity) => Some(client_config(line, identity)),
    };
    let connector = Connector { socket: line.socket(), tls: tls.map(Arc::new) };
    let endpoint = Endpoint::from_static("http://localhost").user_agent("grpc-go/1.59.0").unwrap();
    let channel = endpoint.connect_with_connector(connector).await.map_err(|error| told(&error))?;
    let mut client = ProviderClient::new(channel.clone());
    client.get_metadata(super::tfplugin6::get_metadata::Request {}).await.map_err(|error| told(&error))?;
    Ok(channel)
}

/// Runs to the end, or fails after a time that no healthy process needs.
pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), work).await.expect("the plugin took too long")
}

/// A message of nothing.
pub(crate) fn null() -> Option<DynamicValue> {
    super::pack::pack(&serde_json::Value::Null)
}

fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

fn client_config(line: &Line, identity: Option<&Identity>) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(line.certificate()).unwrap();
    let signatures =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Exactly { server: line.certificate(), signatures }));
    let mut config = match identity {
        None => config.with_no_client_auth(),
        Some(identity) => {
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
            config.with_client_auth_cert(vec![identity.certificate.der().clone()], key).unwrap()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

/// Go takes a leaf that is itself in the pool of roots; webpki does not.
#[derive(Debug)]
struct Exactly {
    server: CertificateDer<'static>,
    signatures: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Exactly {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.server {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::CertificateError::UnknownIssuer.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signatures.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signatures.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_verify_schemes()
    }
}

/// Opens the socket, with or without TLS.
#[derive(Clone)]
struct Connector {
    socket: PathBuf,
    tls: Option<Arc<ClientConfig>>,
}

type Opening = Pin<Box<dyn Future<Output = io::Result<TokioIo<Io>>> + Send>>;

impl Service<Uri> for Connector {
    type Response = TokioIo<Io>;
    type Error = io::Error;
    type Future = Opening;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _uri: Uri) -> Opening {
        let Self { socket, tls } = self.clone();
        Box::pin(async move {
            let stream = UnixStream::connect(socket).await?;
            let Some(config) = tls else {
                let plain: Io = Box::new(stream);
                return Ok(TokioIo::new(plain));
            };
            let name = ServerName::try_from("localhost").unwrap();
            let stream = TlsConnector::from(config).connect(name, stream).await?;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
            let secure: Io = Box::new(stream);
            Ok(TokioIo::new(secure))
        })
    }
}

/// Anything that bytes go through.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

type Io = Box<dyn Stream>;
