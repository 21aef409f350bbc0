//! The signals that a plugin hears. Listening starts when this is made, not
//! when it is first waited for.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Interrupts (Ctrl-C) and requests to terminate.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Ctrl-C in the terminal.
    Interrupt,
    /// The process shall end.
    Terminate,
}

impl Signals {
    /// From now on signals do not end the process by themselves.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Listening starts with the first wait, where there is no other way.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// The next signal; `None` when there will be none.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        tokio::select! {
            heard = self.interrupt.recv() => heard.map(|()| Heard::Interrupt),
            heard = self.terminate.recv() => heard.map(|()| Heard::Terminate),
        }
    }

    /// The next signal; `None` when there will be none.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Option<Heard> {
        tokio::signal::ctrl_c().await.ok().map(|()| Heard::Interrupt)
    }
}
