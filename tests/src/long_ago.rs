//! A world in which everything happened long ago.

use crate::world::World;

impl World {
    /// Every file came to rest on the first of February 2026, as its lines say.
    pub async fn came_to_rest_long_ago(&self) {
        let then = "2026-02-01T10:00:00.000Z";
        let sql = format!("update files set changed_at = '{then}', results_seen_at = '{then}'");
        self.texts(&sql).await;
    }
}
