//! A Terraform provider framework: tfplugin6 over gRPC, values, schemas,
//! diagnostics and the traits a provider implements.
//!
//! Implement [`Provider`] and hand it to [`serve()`]. A call travels so:
//! `server` decodes with `wire`, calls a trait, checks that the answer is what
//! the schema says, and encodes it; a panic or a malformed message becomes a
//! diagnostic, never a crash.
//!
//! The names here are what every provider needs. What only some need is in the
//! module of its topic: requests and responses in [`calls`], import, upgrade and
//! move in [`capabilities`], functions in [`function`], the rest likewise.
//!
//! Generic: it knows nothing of keys or of AWS and uses no other room. Only
//! `provider`, the provider binary and protocol tests use it.

pub mod calls;
pub mod capabilities;
mod conform;
pub mod diagnostics;
pub mod error;
pub mod function;
mod handshake;
pub mod log;
pub mod path;
pub mod plan;
pub mod schema;
mod serve;
mod server;
mod traits;
mod transport;
pub mod value;
mod wire;

pub use calls::Context;
pub use diagnostics::{Diagnostic, Diagnostics};
pub use error::Error;
pub use path::Path;
pub use schema::{Attribute, Block, Schema};
pub use serve::{ServeOptions, serve};
pub use traits::{DataSource, Provider, Resource};
pub use value::{Field, Type, Value};
