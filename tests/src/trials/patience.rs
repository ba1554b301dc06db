//! Waiting that outlasts a loaded machine: for as long as something moves, and no fixed time.

use std::fmt::Debug;
use std::time::{Duration, Instant};

const LOOKED_EVERY: Duration = Duration::from_millis(500);
/// Nothing moved for so long is a standstill: longer than a caller waits for a hub's answer.
const STANDSTILL: Duration = Duration::from_secs(400);

/// Waits until `look` says that it is done; it also says how far it has come.
///
/// # Panics
/// With the sentence, if it comes no further for a long time.
pub(super) async fn while_it_moves<P: PartialEq + Debug>(
    sentence: &str,
    mut look: impl AsyncFnMut() -> (bool, P),
) {
    let (mut come, mut moved) = (None, Instant::now());
    loop {
        let (done, now) = look().await;
        if done {
            return;
        }
        if come.as_ref() != Some(&now) {
            (come, moved) = (Some(now), Instant::now());
        }
        assert!(
            moved.elapsed() < STANDSTILL,
            "this came to {come:?} and no further: {sentence}"
        );
        tokio::time::sleep(LOOKED_EVERY).await;
    }
}
