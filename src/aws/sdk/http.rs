//! The one way onto the network: every call of every service, and every call
//! for credentials, goes through this client.
//!
//! It adds three things to the SDK's own: a connection that cannot be made is
//! tried again here, for every kind of call, and fails at last with the address
//! in the message; the products of the settings lead the `User-Agent`; and
//! nothing of TLS is loaded before an `https` address is called. A call that is
//! given up while it waits here is not made again.
//! INVARIANT: [`NoConnection`] means that no byte of the request was sent.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

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

use super::pause::jittered;
use crate::aws::config::ConnectionSettings;

/// A client with the settings' proxies and products that trusts what `trust`
/// says, and begins no further connection of a call after `patience`.
pub(super) fn client(
    settings: &ConnectionSettings,
    trust: tls::TlsContext,
    patience: Duration,
) -> Result<SharedHttpClient, ProxyRefused> {
    let proxies = &settings.proxies;
    let plain_proxy = proxy(proxies.http.as_ref(), ProxyConfig::http, &proxies.exceptions)?;
    let tls_proxy = proxy(proxies.https.as_ref(), ProxyConfig::https, &proxies.exceptions)?;
    let plain = Builder::new().build_with_connector_fn(move |settings, components| {
        connector(&plain_proxy, settings, components).build_http()
    });
    let tls = Builder::new().build_with_connector_fn(move |settings, components| {
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        connector(&tls_proxy, settings, components).tls_provider(provider).tls_context(trust.clone()).build()
    });
    let limits = Limits { attempts: settings.retries.max_attempts.min(MOST_CONNECTIONS), patience };
    Ok(SharedHttpClient::new(Client { plain, tls, products: settings.user_agent.join(" ").into(), limits }))
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
    limits: Limits,
}

/// How often and how long a connection is tried.
#[derive(Debug, Clone, Copy)]
struct Limits {
    attempts: u32,
    patience: Duration,
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
            limits: self.limits,
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
    limits: Limits,
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
        HttpConnectorFuture::new(call(connector, request, self.limits))
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

/// Makes one call. Only what failed before anything was sent is repeated here,
/// which is safe for every call; the SDK decides about the rest.
async fn call(
    connector: SharedHttpConnector,
    request: HttpRequest,
    limits: Limits,
) -> Result<HttpResponse, ConnectorError> {
    let endpoint = origin(request.uri());
    let attempts = if is_link_local(&endpoint) { 1 } else { limits.attempts };
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    for _ in 1..attempts {
        let Some(copy) = request.try_clone() else { break };
        match connector.call(copy).await {
            Err(error) if may_pass(&error) && begun.elapsed() < limits.patience => {
                tokio::time::sleep(jittered(pause)).await;
            }
            answered => return answered.map_err(|error| name_endpoint(error, &endpoint)),
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
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

/// Whether a connection that was not made may be made in a moment: a name may
/// resolve, a service may listen again, a proxy may find it. A certificate stays
/// untrusted, and a proxy's password wrong.
fn may_pass(error: &ConnectorError) -> bool {
    let lasts = |cause: &(dyn Error + 'static)| {
        matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
            || cause.to_string() == "tunnel error: proxy authorization required"
    };
    never_connected(error) && !chain(error).any(lasts)
}

/// An error and everything that caused it. An I/O error hides what it carries:
/// it names as its source the source of that.
pub(super) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| match error.downcast_ref::<std::io::Error>() {
        Some(io) => {
            let carried: &(dyn Error + 'static) = io.get_ref()?;
            Some(carried)
        }
        None => (**error).source(),
    })
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

/// As many as hashicorp/aws tries, whatever else may be repeated more often: the pauses between them add up to
/// some seconds, and an address that is wrong must be told while somebody waits for it.
const MOST_CONNECTIONS: u32 = 9;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// For calls of ours. Where packets vanish, every connection takes the whole time-out.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// For calls of the SDK's own credential providers: it begins a call of theirs again when nothing of it was sent for
/// five seconds, as often as any call may be repeated.
pub(super) const SHORT_PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::task::{Context, Waker};
    use std::time::Duration;

    use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use tokio::runtime::Handle;

    use super::{Limits, call};

    /// Nobody listens; counts who tried.
    #[derive(Debug, Default, Clone)]
    struct Nobody(Arc<AtomicU32>);

    impl HttpConnector for Nobody {
        fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
            self.0.fetch_add(1, Ordering::Relaxed);
            HttpConnectorFuture::ready(Err(ConnectorError::io("client error (Connect)".into())))
        }
    }

    impl Nobody {
        fn tried(&self) -> u32 {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn request() -> HttpRequest {
        HttpRequest::get("https://kms.eu-west-1.amazonaws.com/").unwrap()
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_between_two_connections_makes_no_further_one() {
        let nobody = Nobody::default();
        let limits = Limits { attempts: 9, patience: Duration::from_secs(30) };
        {
            let mut waiting = pin!(call(SharedHttpConnector::new(nobody.clone()), request(), limits));
            assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        // Whatever would go on without its caller would be a task of the runtime.
        assert_eq!((nobody.tried(), Handle::current().metrics().num_alive_tasks()), (1, 0));
    }

    #[tokio::test]
    async fn no_further_connection_is_begun_when_patience_is_over() {
        let nobody = Nobody::default();
        let limits = Limits { attempts: 9, patience: Duration::ZERO };
        let error = call(SharedHttpConnector::new(nobody.clone()), request(), limits).await.unwrap_err();
        assert_eq!(nobody.tried(), 1);
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(
            source.as_deref(),
            Some("no connection to `https://kms.eu-west-1.amazonaws.com`: client error (Connect)")
        );
    }
}
