//! The whole way from a trait's method to the wire and back, against prepared
//! answers: what is repeated, what is not, and what a failure says.

mod connections;
mod kms;
mod organizations;
mod reach;
mod roles;

use std::path::PathBuf;

use crate::aws::canned::{Answer, Canned};
use crate::aws::config::{
    AccessKeys, CallerCheck, ConnectionSettings, Endpoints, InstanceMetadata, Retries, Secret,
};
use crate::aws::{Session, connect};

/// Settings that reach nothing but `address`.
fn settings(address: &str) -> ConnectionSettings {
    let endpoint = address.parse().ok();
    ConnectionSettings {
        region: "eu-west-1".parse().ok(),
        keys: Some(AccessKeys { id: "AKIAEXAMPLE".to_owned(), secret: Secret::new("hunter2"), token: None }),
        config_files: vec![PathBuf::from("/dev/null")],
        credentials_files: vec![PathBuf::from("/dev/null")],
        endpoints: Endpoints { kms: endpoint.clone(), organizations: endpoint.clone(), sts: endpoint },
        instance_metadata: InstanceMetadata::Off,
        retries: Retries { max_attempts: 3, ..Retries::default() },
        caller_check: CallerCheck::Skipped,
        ..ConnectionSettings::default()
    }
}

async fn session(service: &Canned) -> Session {
    connect(&settings(&service.address)).await.unwrap()
}

fn says(body: &serde_json::Value) -> Answer {
    Answer::Says(200, body.to_string())
}

fn refuses(status: u16, code: &str, message: &str) -> Answer {
    Answer::Says(status, serde_json::json!({ "__type": code, "message": message }).to_string())
}
