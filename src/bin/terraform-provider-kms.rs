//! The Terraform plugin. Terraform starts it; with `--debug` a developer does,
//! and attaches Terraform to it.

use std::process::ExitCode;

use keyrail::provider::Kms;
use keyrail::tf::{ServeOptions, serve};

fn main() -> ExitCode {
    // One implementation of cryptography for the host's connection and for AWS. A second installation
    // cannot happen: this is the first line of the process.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let debug = std::env::args().skip(1).any(|argument| argument == "--debug" || argument == "-debug");
    let options = ServeOptions {
        address: "registry.terraform.io/keyrail/kms",
        version: env!("CARGO_PKG_VERSION"),
        debug,
    };
    serve(Kms, options)
}
