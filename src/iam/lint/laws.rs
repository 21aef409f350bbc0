//! Laws over the whole registry.
