//! The net under every call: a panic becomes a diagnostic, and the log gets a
//! line when a call starts and ends.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures::FutureExt;

use super::Server;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::log::to_stderr;
use crate::tf::traits::Provider;

impl<P: Provider> Server<P> {
    /// Runs one call; what went wrong is turned into a response by `failed`.
    pub(super) async fn run<T>(
        &self,
        rpc: &'static str,
        work: impl Future<Output = Result<T, Diagnostics>> + Send,
        failed: impl FnOnce(Diagnostics) -> T,
    ) -> T {
        let started = Instant::now();
        let _in_flight = self.running.begin();
        self.log.trace("call started", &[("tf_rpc", &rpc)]);
        let result = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
            let said = said(panic.as_ref());
            Err(Diagnostic::bug(format_args!("The provider panicked in {rpc}: {said}")).into())
        });
        let outcome = if result.is_ok() { "answered" } else { "failed" };
        let took = started.elapsed().as_millis();
        self.log
            .trace("call ended", &[("tf_rpc", &rpc), ("outcome", &outcome), ("tf_req_duration_ms", &took)]);
        result.unwrap_or_else(failed)
    }
}

/// From now on a panic is printed as Terraform looks for it: a line that
/// starts with `panic: `, which it shows to the user as a crash of the plugin.
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let said = said(panic.payload());
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        to_stderr(&format!("panic: {said}\n\n{place}"));
    }));
}

fn said(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
