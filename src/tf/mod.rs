//! A Terraform provider framework: tfplugin6 over gRPC, values, schemas,
//! diagnostics and the traits a provider implements.
//!
//! Generic: it knows nothing of keys or of AWS and uses no other room.
