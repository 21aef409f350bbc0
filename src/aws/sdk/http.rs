//! The one way onto the network: every call of every service, and every call
//! for credentials, goes through this client.
//!
//! It adds three things to the SDK's own: a connection that cannot be made is
//! tried a few times here and then fails with the address in the message, the
//! products of the settings lead the `User-Agent`, and nothing of TLS is loaded
//! before an `https` address is called.
//! INVARIANT: [`NoConnection`] means that no byte of the request was sent.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use thiserror::Error as ThisError;
use url::Url;

use crate::aws::config::Proxies;

/// A client with the settings' proxies, trusted authorities and products.
///
/// `authorities` is the content of a PEM file, trusted in place of the system's.
pub(super) fn client(
    proxies: &Proxies,
    authorities: Option<Vec<u8>>,
    products: &[String],
) -> Result<SharedHttpClient, ProxyRefused> {
    let plain_proxy = proxy(proxies.http.as_ref(), ProxyConfig::http, &proxies.exceptions)?;
    let tls_proxy = proxy(proxies.https.as_ref(), ProxyConfig::https, &proxies.exceptions)?;
    let trust = match authorities {
        Some(pem) => tls::TrustStore::empty().with_pem_certificate(pem),
        None => tls::TrustStore::default(),
    };
    let context = tls::TlsContext::builder().with_trust_store(trust).build().ok();
    let plain = Builder::new().build_with_connector_fn(move |settings, components| {
        connector(&plain_proxy, settings, components).build_http()
    });
    let tls = Builder::new().build_with_connector_fn(move |settings, components| {
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        let mut connector = connector(&tls_proxy, settings, components).tls_provider(provider);
        if let Some(context) = context.clone() {
            connector.set_tls_context(context);
        }
        connector.build()
    });
    Ok(SharedHttpClient::new(Client { plain, tls, products: products.join(" ").into() }))
}

/// The address of a proxy that the HTTP client does not take.
#[derive(Debug, ThisError)]
#[error("the proxy at `{host}` cannot be used: {reason}")]
pub struct ProxyRefused {
    host: String,
    reason: String,
}

/// No connection to the address could be made.
#[derive(Debug, ThisError)]
#[error("no connection to `{endpoint}`: {reason}")]
pub(super) struct NoConnection {
    endpoint: String,
    reason: String,
}

fn proxy(
    address: Option<&Url>,
    make: fn(String) -> Result<ProxyConfig, aws_smithy_http_client::proxy::ProxyError>,
    exceptions: &str,
) -> Result<ProxyConfig, ProxyRefused> {
    let Some(address) = address else { return Ok(ProxyConfig::disabled()) };
    let host = || address.host_str().unwrap_or_default().to_owned();
    let mut bare = address.clone();
    let user = address.username().to_owned();
    let password = address.password().unwrap_or_default().to_owned();
    // A scheme that takes no user makes these fail, and then there was none.
    let stripped = bare.set_username("").and_then(|()| bare.set_password(None));
    let config =
        make(bare.to_string()).map_err(|error| ProxyRefused { host: host(), reason: error.to_string() })?;
    let exceptions = format!("localhost,127.0.0.0/8,::1,{exceptions}");
    let config = config.no_proxy(exceptions.trim_end_matches(','));
    if user.is_empty() || stripped.is_err() { Ok(config) } else { Ok(config.with_basic_auth(user, password)) }
}

fn connector(
    proxy: &ProxyConfig,
    settings: Option<&HttpConnectorSettings>,
    components: Option<&RuntimeComponents>,
) -> aws_smithy_http_client::ConnectorBuilder {
    let mut builder = Connector::builder().proxy_config(proxy.clone());
    builder.set_connector_settings(settings.cloned());
    if let Some(components) = components {
        builder.set_sleep_impl(components.sleep_impl());
    }
    builder
}

#[derive(Debug)]
struct Client {
    plain: SharedHttpClient,
    tls: SharedHttpClient,
    products: Arc<str>,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Line {
            plain: self.plain.http_connector(settings, components),
            tls: Arc::new(OnceLock::new()),
            tls_client: self.tls.clone(),
            settings: settings.clone(),
            components: components.clone(),
            products: Arc::clone(&self.products),
        })
    }
}

/// One connector of the SDK's, in its two kinds.
struct Line {
    plain: SharedHttpConnector,
    tls: Arc<OnceLock<SharedHttpConnector>>,
    tls_client: SharedHttpClient,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
    products: Arc<str>,
}

impl fmt::Debug for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Line")
    }
}

impl HttpConnector for Line {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        self.name_products(&mut request);
        let connector = if request.uri().starts_with("https:") {
            let build = || self.tls_client.http_connector(&self.settings, &self.components);
            self.tls.get_or_init(build).clone()
        } else {
            self.plain.clone()
        };
        HttpConnectorFuture::new(call(connector, request))
    }
}

impl Line {
    /// The header is not part of what is signed.
    fn name_products(&self, request: &mut HttpRequest) {
        if self.products.is_empty() {
            return;
        }
        let sdk = request.headers().get("user-agent").unwrap_or_default();
        let named = format!("{} {sdk}", self.products);
        // A product with a character no header can hold is left out.
        let _kept = request.headers_mut().try_insert("user-agent", named);
    }
}

/// Makes one call. Only what failed before anything was sent is repeated here;
/// the SDK decides about the rest.
async fn call(connector: SharedHttpConnector, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let endpoint = origin(request.uri());
    let pauses: &[Duration] = if is_link_local(&endpoint) { &[] } else { RECONNECT_PAUSES };
    for pause in pauses {
        let Some(copy) = request.try_clone() else { break };
        match connector.call(copy).await {
            Err(error) if refused(&error) => tokio::time::sleep(*pause).await,
            answered => return answered.map_err(|error| name_endpoint(error, &endpoint)),
        }
    }
    connector.call(request).await.map_err(|error| name_endpoint(error, &endpoint))
}

/// The SDK repeats what is transient; a connection that was never made is not
/// reported as such, because it was repeated here.
fn name_endpoint(error: ConnectorError, endpoint: &str) -> ConnectorError {
    if !never_connected(&error) {
        return error;
    }
    let reason = innermost(&error).to_string();
    let source: BoxError = NoConnection { endpoint: endpoint.to_owned(), reason }.into();
    ConnectorError::other(source, None).never_connected()
}

/// Whether the failure was in making the connection: name resolution, TCP, TLS,
/// or a proxy's refusal. The connector tells it only in its text.
fn never_connected(error: &ConnectorError) -> bool {
    chain(error).any(|cause| cause.to_string() == "client error (Connect)")
}

/// Whether nothing listens, which may change in a moment; a name that does not
/// resolve or a certificate that is not trusted will not.
fn refused(error: &ConnectorError) -> bool {
    let kind =
        chain(error).find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    never_connected(error) && kind == Some(std::io::ErrorKind::ConnectionRefused)
}

/// An error and everything that caused it.
pub(super) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    chain(error).last().unwrap_or(error)
}

fn origin(uri: &str) -> String {
    let parsed = uri.parse::<Url>().map(|url| url.origin().ascii_serialization());
    parsed.unwrap_or_else(|_| "an address that is not a URL".to_owned())
}

/// The instance's and the container's metadata services answer at once or are not there.
fn is_link_local(endpoint: &str) -> bool {
    endpoint.contains("//169.254.") || endpoint.contains("//[fd00:ec2")
}

const RECONNECT_PAUSES: &[Duration] = &[Duration::from_millis(100), Duration::from_millis(400)];
