//! Accepted connections as gRPC wants them, and the knowledge whether the host
//! is still there.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::Listener;

/// Anything that bytes go through.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection; its host counts as present while this lives.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    _present: Present,
}

/// Accepts connections for as long as the result is read. Each TLS handshake
/// runs in its own task, so that a stranger who stalls one holds up nobody; a
/// failed one is dropped, because an error in the stream could end the server.
pub(crate) fn connections(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    presence: Presence,
) -> ReceiverStream<Result<Connection, Infallible>> {
    let (send, receive) = mpsc::channel(WAITING);
    tokio::spawn(accept(listener, Entrance { tls, presence, admitted: send }));
    ReceiverStream::new(receive)
}

/// What every new connection passes.
#[derive(Clone)]
struct Entrance {
    tls: Option<TlsAcceptor>,
    presence: Presence,
    admitted: mpsc::Sender<Result<Connection, Infallible>>,
}

impl Entrance {
    async fn admit(self, stream: Box<dyn Stream>) {
        if let Ok(Ok(stream)) = timeout(HANDSHAKE, secure(stream, self.tls)).await {
            let connection = Connection { stream, _present: self.presence.arrive() };
            self.admitted.send(Ok(connection)).await.ok();
        }
    }
}

async fn accept(listener: Listener, entrance: Entrance) {
    while !entrance.admitted.is_closed() {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = entrance.admitted.closed() => break,
        };
        match accepted {
            Ok(stream) => drop(tokio::spawn(entrance.clone().admit(stream))),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn secure(stream: Box<dyn Stream>, tls: Option<TlsAcceptor>) -> io::Result<Box<dyn Stream>> {
    match tls {
        Some(tls) => Ok(Box::new(tls.accept(stream).await?)),
        None => Ok(stream),
    }
}

/// How many connections there are.
#[derive(Debug, Clone)]
pub(crate) struct Presence(watch::Sender<usize>);

impl Presence {
    /// Nobody is there yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Resolves when the host has left without a word, or never came. A host
    /// that was killed sends nothing, and plugins would outlive it for ever.
    pub(crate) async fn gone(&self) {
        let mut count = self.0.subscribe();
        let mut patience = FIRST_CONNECTION;
        while matches!(timeout(patience, count.wait_for(|count| *count > 0)).await, Ok(Ok(_))) {
            if count.wait_for(|count| *count == 0).await.is_err() {
                return;
            }
            patience = RECONNECT;
        }
    }

    /// Whether somebody is connected now.
    pub(crate) fn anybody(&self) -> bool {
        *self.0.borrow() > 0
    }

    fn arrive(self) -> Present {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        Present(self.0)
    }
}

struct Present(watch::Sender<usize>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Connections that wait for the server; the host opens one or two.
const WAITING: usize = 16;
/// The pause when the system has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long to wait for the host's first connection; Terraform gives up after one minute.
const FIRST_CONNECTION: Duration = Duration::from_mins(2);
/// How long a host may be away between two connections.
const RECONNECT: Duration = Duration::from_secs(2);
