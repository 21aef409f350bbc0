//! A Terraform provider framework: tfplugin6 over gRPC, values, schemas,
//! diagnostics and the traits a provider implements.
//!
//! Implement [`Provider`] and hand it to [`serve()`]. A call travels so:
//! `server` decodes with `wire`, calls a trait, checks that the answer is what
//! the schema says, and encodes it; a panic or a malformed message becomes a
//! diagnostic, never a crash.
//!
//! Generic: it knows nothing of keys or of AWS and uses no other room. Only
//! `provider`, the provider binary and protocol tests use it.

pub mod calls;
mod conform;
mod diagnostics;
mod error;
mod function;
mod handshake;
mod log;
mod path;
mod plan;
pub mod schema;
mod serve;
mod server;
mod traits;
mod transport;
pub mod value;
mod wire;

pub use calls::Context;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use error::{BugError, Error, InputError};
pub use function::{FunctionError, Parameter, Signature};
pub use log::{Level, Logger};
pub use path::{Path, Step};
pub use plan::plan_change;
pub use schema::{Attribute, Block, Schema};
pub use serve::{ServeOptions, serve};
pub use traits::{DataSource, Function, Import, MoveState, Provider, Resource, Upgrade};
pub use value::{Field, Type, Value};
