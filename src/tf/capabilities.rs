//! What a resource may be able to do besides its life from create to delete.
//!
//! A resource offers a capability by returning itself from the method of that
//! name; Terraform learns it from the answer to the first call that needs it.

use async_trait::async_trait;

use super::calls::{Context, ImportResponse, MoveRequest, MoveResponse, UpgradeRequest, UpgradeResponse};

/// The capability to take over existing objects.
#[async_trait]
pub trait Import<C>: Send + Sync
where
    C: Send + Sync + 'static,
{
    /// Finds the object that `id`, as the user wrote it, means. Terraform reads it next.
    async fn import(&self, context: &Context<C>, id: &str) -> ImportResponse;
}

/// The capability to read states of older schema versions.
#[async_trait]
pub trait Upgrade: Send + Sync {
    /// Brings a state to the current version; called only when versions differ.
    async fn upgrade(&self, request: UpgradeRequest) -> UpgradeResponse;
}

/// The capability to take over objects of other resource types (Terraform 1.8).
#[async_trait]
pub trait MoveState: Send + Sync {
    /// Turns the other object's state into one of ours.
    async fn move_state(&self, request: MoveRequest) -> MoveResponse;
}
