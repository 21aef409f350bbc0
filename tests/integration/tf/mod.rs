//! The plugin protocol, spoken to a real process: it is started as Terraform
//! starts it, and asked over its socket with a certificate like Terraform's.

mod calls;
mod handshake;
mod health;
mod lifecycle;
mod pack;
mod plugin;
mod robustness;

/// The client's half of the protocol, generated from `proto/`.
pub(crate) mod tfplugin6 {
    #![expect(warnings, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]
    include!(concat!(env!("OUT_DIR"), "/client/tfplugin6.rs"));
}

/// The client's half of go-plugin's services.
pub(crate) mod go_plugin {
    #![expect(warnings, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]
    include!(concat!(env!("OUT_DIR"), "/client/plugin.rs"));
}

/// The client's half of gRPC's health service.
pub(crate) mod grpc_health {
    #![expect(warnings, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]
    include!(concat!(env!("OUT_DIR"), "/client/grpc.health.v1.rs"));
}
