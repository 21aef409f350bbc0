//! A service that gives prepared answers and remembers what it was asked. It
//! speaks just enough HTTP for one request per connection.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What happens to one request.
pub(crate) enum Answer {
    /// A status and a body.
    Says(u16, String),
    /// The request is read and the connection closed: the answer is lost.
    Lost,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The first line.
    pub(crate) line: String,
    /// The `x-amz-target` header, or the form's body where there is none.
    pub(crate) what: String,
    pub(crate) body: String,
    pub(crate) user_agent: String,
    pub(crate) token: String,
}

pub(crate) struct Canned {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
}

impl Canned {
    /// Starts answering; a request beyond the last answer is closed on.
    pub(crate) async fn answering(answers: Vec<Answer>) -> Self {
        Self::start(in_order(answers), None, 0).await
    }

    /// Starts answering what `answer` says to each request.
    pub(crate) async fn deciding(answer: impl FnMut(&Asked) -> Option<Answer> + Send + 'static) -> Self {
        Self::start(answer, None, 0).await
    }

    /// The same over TLS, after closing on the first `closed` connections.
    pub(crate) async fn answering_over_tls(answers: Vec<Answer>, tls: TlsAcceptor, closed: usize) -> Self {
        Self::start(in_order(answers), Some(tls), closed).await
    }

    async fn start(
        mut answer: impl FnMut(&Asked) -> Option<Answer> + Send + 'static,
        tls: Option<TlsAcceptor>,
        closed: usize,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let (asked, connections) = (Arc::default(), Arc::<AtomicUsize>::default());
        let (log, count) = (Arc::clone(&asked), Arc::clone(&connections));
        let _serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::Relaxed);
                let open = Some(stream).filter(|_| number >= closed);
                meet(open, tls.as_ref(), &mut answer, &log).await;
            }
        });
        Self { address, asked, connections }
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// What it was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The operations it was asked for, without the service's prefix.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked()
            .iter()
            .map(|asked| asked.what.rsplit('.').next().unwrap_or_default().to_owned())
            .collect()
    }
}

fn in_order(answers: Vec<Answer>) -> impl FnMut(&Asked) -> Option<Answer> + Send + 'static {
    let mut answers = VecDeque::from(answers);
    move |_| answers.pop_front()
}

async fn meet(
    stream: Option<TcpStream>,
    tls: Option<&TlsAcceptor>,
    answer: &mut impl FnMut(&Asked) -> Option<Answer>,
    log: &Mutex<Vec<Asked>>,
) {
    let Some(stream) = stream else { return };
    let Some(tls) = tls else { return exchange(stream, answer, log).await };
    if let Ok(stream) = tls.accept(stream).await {
        exchange(stream, answer, log).await;
    }
}

async fn exchange<S>(stream: S, answer: &mut impl FnMut(&Asked) -> Option<Answer>, log: &Mutex<Vec<Asked>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    if let Some(request) = read(&mut stream).await {
        let answered = answer(&request);
        log.lock().unwrap().push(request);
        if let Some(Answer::Says(status, body)) = answered {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} x\r\nx-amzn-requestid: id-1\r\n\
                 x-aws-ec2-metadata-token-ttl-seconds: 60\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
            );
            let _sent = stream.write_all((head + &body).as_bytes()).await;
            let _closed = stream.shutdown().await;
        }
    }
}

async fn read<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<Asked> {
    let mut headers = BTreeMap::new();
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let first = line.trim_end().to_owned();
    line.clear();
    while stream.read_line(&mut line).await.ok()? > 0 && !line.trim_end().is_empty() {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        line.clear();
    }
    if headers.is_empty() {
        return None;
    }
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Asked {
        line: first,
        what: header("x-amz-target"),
        body,
        user_agent: header("user-agent"),
        token: header("x-amz-security-token"),
    })
}
