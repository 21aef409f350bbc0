//! Collect, evaluate, report: every key against the configured rules.
