//! The forms in which things travel: generated messages, MessagePack, JSON.
//!
//! Generated types stay inside this folder and the server; nothing outside
//! this room sees one. What arrives is decoded by the type that the schema
//! gives; what does not fit is an error that names the place.

pub(crate) mod from_proto;
pub(crate) mod json;
pub(crate) mod msgpack;
mod msgpack_refinement;
#[cfg(test)]
mod tests;
pub(crate) mod to_proto;

/// The provider protocol, generated from `proto/tfplugin6.proto`.
pub(crate) mod tfplugin6 {
    #![expect(warnings, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]
    include!(concat!(env!("OUT_DIR"), "/server/tfplugin6.rs"));
}

/// go-plugin's own services, generated from `proto/plugin.proto`.
pub(crate) mod plugin {
    #![expect(warnings, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]
    include!(concat!(env!("OUT_DIR"), "/server/plugin.rs"));
}

/// gRPC's health service, generated from `proto/health.proto`.
pub(crate) mod health {
    #![expect(warnings, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated code")]
    include!(concat!(env!("OUT_DIR"), "/server/grpc.health.v1.rs"));
}
