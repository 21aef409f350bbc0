//! What Terraform users see: the provider, its resources and data sources.

mod configured;
