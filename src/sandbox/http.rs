//! HTTP/1.1 with keep-alive: one task per connection, one write per answer.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use http_body_util::Limited;
use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::sandbox::Sandbox;
use crate::sandbox::control;
use crate::sandbox::service;
use crate::sandbox::service::Answer;
use crate::sandbox::service::Sent;

/// Serves connections until told to stop.
pub(crate) async fn serve(sandbox: Sandbox, listener: TcpListener, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // Running out of descriptors passes; a listener that is gone is never asked again.
        let Ok((stream, peer)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        tokio::spawn(connection(sandbox.clone(), stream, peer, stop.clone()));
    }
}

async fn connection(sandbox: Sandbox, stream: TcpStream, peer: SocketAddr, stop: CancellationToken) {
    // Without it small answers may wait for the peer's acknowledgement; a socket that refuses works still.
    drop(stream.set_nodelay(true));
    let serve = service_fn(move |request| respond(sandbox.clone(), request, peer));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), serve);
    tokio::select! {
        () = stop.cancelled() => {}
        // A peer that went away, or an answer that the fault script withheld: both end here and are no news.
        _ended = connection => {}
    }
}

/// The end of a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed without an answer")]
struct Withheld;

async fn respond(
    sandbox: Sandbox,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response<Full<Bytes>>, Withheld> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
        return Ok(plain(413, "the request is larger than one mebibyte"));
    };
    let body = body.to_bytes();
    if parts.uri.path().starts_with(control::PREFIX) {
        let (status, body) = control::answer(&sandbox, &parts.method, parts.uri.path(), &body);
        return Ok(response(status, "application/json", body));
    }
    let answer = service::answer(&sandbox.world, &parts, &body, peer.ip().to_string());
    match answer {
        Answer::Sent(sent) => Ok(aws(sent)),
        Answer::Late(sent, milliseconds) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Ok(aws(sent))
        }
        Answer::Closed => Err(Withheld),
        Answer::Held => {
            tokio::time::sleep(HELD).await;
            Err(Withheld)
        }
    }
}

fn aws(sent: Sent) -> Response<Full<Bytes>> {
    let mut response = response(sent.status, sent.content_type, sent.body);
    if let Ok(id) = sent.request_id.parse() {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

fn plain(status: u16, text: &str) -> Response<Full<Bytes>> {
    response(status, "text/plain", text.as_bytes().to_vec())
}

fn response(status: u16, content_type: &'static str, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static(content_type));
    response
}

/// The largest request of a served operation is a key policy of 32 KiB.
const MOST_BYTES: usize = 1_048_576;

/// How long a withheld answer keeps its connection; clients give up earlier.
const HELD: Duration = Duration::from_mins(15);
