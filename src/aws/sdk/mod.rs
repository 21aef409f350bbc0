//! The traits of this room over the AWS SDK for Rust.

mod authorities;
mod codes;
mod connect;
mod convert;
mod credentials;
mod error;
mod http;
mod kms;
mod organizations;
mod page;
mod pause;
mod profile;
mod retry;
mod sts;
#[cfg(test)]
mod tests;

pub use authorities::UnusableBundle;
pub use connect::{ConnectError, connect};
pub use credentials::InvalidMetadataEndpoint;
pub use http::ProxyRefused;
pub use profile::{NamedBy, ProfileError};
