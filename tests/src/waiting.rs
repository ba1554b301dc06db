//! Waiting for something to come true: looked for again and again until a
//! deadline, never for a fixed time.

use std::time::{Duration, Instant};

/// What has not happened by then never will.
pub const DEADLINE: Duration = Duration::from_secs(180);

const LOOKED_EVERY: Duration = Duration::from_millis(50);

/// Waits until `holds` says so.
///
/// # Panics
/// With the sentence, if it does not come true before [`DEADLINE`].
pub async fn wait_until(sentence: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(
            started.elapsed() < DEADLINE,
            "this did not come true within {} s: {sentence}",
            DEADLINE.as_secs()
        );
        tokio::time::sleep(LOOKED_EVERY).await;
    }
}
