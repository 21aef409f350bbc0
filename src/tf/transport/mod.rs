//! The wire below gRPC: a socket that only this user can open, and TLS that
//! only the host's own certificate passes.

mod connection;
mod controller;
mod health;
mod signals;
mod socket;
mod tls;

pub(crate) use connection::{Presence, connections};
pub(crate) use controller::Controller;
pub(crate) use health::Health;
pub(crate) use signals::{Heard, Signals};
pub(crate) use socket::Listener;
pub(crate) use tls::Tls;
