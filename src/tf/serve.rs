//! The life of the plugin process: start, serve, end.
//!
//! INVARIANT: the process ends, whatever a provider does, and leaves no socket
//! behind: within a second after the host's Shutdown, within three after the
//! host is gone, and within 32 after SIGTERM, which lets calls in flight answer.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tonic::transport::Server as Grpc;

use super::error::Error;
use super::handshake::{Host, announce, announce_for_debugging};
use super::log::{Logger, to_stderr};
use super::server::{Running, Server, report_panics};
use super::traits::Provider;
use super::transport::{Controller, Health, Heard, Listener, Presence, Signals, Tls, connections};
use super::wire::health::health_server::HealthServer;
use super::wire::plugin::grpc_broker_server::GrpcBrokerServer;
use super::wire::plugin::grpc_controller_server::GrpcControllerServer;
use super::wire::plugin::grpc_stdio_server::GrpcStdioServer;
use super::wire::tfplugin6::provider_server::ProviderServer;

/// How to serve a provider.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// The provider's address, `registry.terraform.io/namespace/name`.
    pub address: &'static str,
    /// The provider's version, for the log.
    pub version: &'static str,
    /// Whether a user starts the process by hand and attaches Terraform to it.
    pub debug: bool,
}

/// Serves a provider to the host that started this process, to the end of it.
///
/// Fails with an explanation on standard error when no host started it.
pub fn serve<P: Provider>(provider: P, options: ServeOptions) -> ExitCode {
    report_panics();
    match start(provider, options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            to_stderr(&explain(&error));
            ExitCode::FAILURE
        }
    }
}

fn start<P: Provider>(provider: P, options: ServeOptions) -> Result<(), Error> {
    let variable = |name: &str| std::env::var(name).ok();
    let host = if options.debug { Host::default() } else { Host::from_environment(variable)? };
    let log = Logger::from_environment(options.address, variable);
    let runtime: Runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(Error::start("the threads of the plugin could not be started"))?;
    let result = runtime.block_on(run(provider, options, &host, log));
    // Not dropped: that would wait for blocking work without limit.
    runtime.shutdown_timeout(BLOCKING_WORK);
    result
}

async fn run<P: Provider>(provider: P, options: ServeOptions, host: &Host, log: Logger) -> Result<(), Error> {
    let ended = CancellationToken::new();
    let presence = Presence::new();
    let tls = host.certificate.as_deref().map(Tls::pinned_to).transpose()?;
    let listener = Listener::bind(host).await?;
    let address = listener.address()?;
    let (acceptor, certificate) = tls.map(|tls| (tls.acceptor, tls.certificate)).unzip();
    let server = Server::new(provider, log.clone());
    let end = End { running: Arc::clone(&server.running), presence: presence.clone(), ended: ended.clone() };
    // Signals are heard before the host knows of us.
    let signals = Signals::listen().map_err(Error::start("signals of the system could not be heard"))?;
    tokio::spawn(heed(signals, options.debug, end, log.clone()));
    if options.debug {
        announce_for_debugging(options.address, &address).map_err(Error::start(UNHEARD))?;
    } else {
        tokio::spawn(end_without_host(presence.clone(), ended.clone()));
        announce(host, &address, certificate.as_deref()).map_err(Error::start(UNHEARD))?;
    }
    log.debug("provider started", &[("version", &options.version), ("address", &address.address)]);
    let controller = Controller { ended: ended.clone() };
    let provider = ProviderServer::new(server)
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE);
    let serving = Grpc::builder()
        .add_service(provider)
        .add_service(HealthServer::new(Health { ended: ended.clone() }))
        .add_service(GrpcControllerServer::new(controller.clone()))
        .add_service(GrpcStdioServer::new(controller.clone()))
        .add_service(GrpcBrokerServer::new(controller))
        .serve_with_incoming_shutdown(
            connections(listener, acceptor, presence),
            ended.clone().cancelled_owned(),
        );
    tokio::select! {
        done = serving => done.map_err(Error::start("the server failed")),
        () = last_words(ended) => Ok(()),
    }
}

/// Answers on their way get a moment; work that does not end does not hold up the exit.
async fn last_words(ended: CancellationToken) {
    ended.cancelled().await;
    sleep(LAST_WORDS).await;
}

/// An interrupt in a terminal hits the whole process group. Terraform then asks
/// us to stop and waits; a plugin that died of it would lose what it was making.
async fn heed(mut signals: Signals, debug: bool, end: End, log: Logger) {
    while let Some(heard) = signals.next().await {
        if debug {
            return end.ended.cancel();
        }
        if heard == Heard::Terminate {
            log.info("told to end: calls in flight are cancelled and awaited", &[]);
            return end.in_order().await;
        }
        log.info("interrupt ignored: Terraform says when to stop", &[]);
    }
}

/// What it takes to end without cutting a call in the middle.
struct End {
    running: Arc<Running>,
    presence: Presence,
    ended: CancellationToken,
}

impl End {
    /// A CI server or systemd terminates Terraform and its plugins at once.
    /// Terraform then stops gracefully: it waits for what is in flight, saves it,
    /// and says goodbye. Until then an object just made is known to us alone.
    async fn in_order(self) {
        self.running.close();
        if self.presence.anybody() {
            let answered = async {
                self.running.idle().await;
                sleep(GOODBYE).await;
            };
            tokio::select! {
                _ = timeout(LAST_CALLS, answered) => {}
                () = self.presence.gone() => {}
                () = self.ended.cancelled() => {}
            }
        }
        self.ended.cancel();
    }
}

async fn end_without_host(presence: Presence, ended: CancellationToken) {
    presence.gone().await;
    ended.cancel();
}

fn explain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

const UNHEARD: &str = "the address could not be written to standard output";
/// Calls wait for the network, hardly for the processor.
const WORKERS: usize = 2;
/// Names are resolved and files read in these. Each has memory of its own, and a
/// plan opens a hundred connections at once.
const BLOCKING_THREADS: usize = 8;
/// What Terraform's own servers allow in both directions.
const MAX_MESSAGE: usize = 256 << 20;
/// How long calls in flight may take to answer once they are cancelled.
const LAST_CALLS: Duration = Duration::from_secs(30);
/// How long a host that waits for nothing more has for its Shutdown.
const GOODBYE: Duration = Duration::from_secs(1);
const LAST_WORDS: Duration = Duration::from_millis(500);
const BLOCKING_WORK: Duration = Duration::from_millis(100);
