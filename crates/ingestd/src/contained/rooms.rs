//! Room for children: all that are alive at once may not use more than this process and its limit of
//! 256 MB leave them. Text needs little and waits for nobody but other text; workbooks wait for each
//! other, in the order in which they came, so that a large one is not passed by for ever. Who reads a
//! file a second time while the first reading goes on waits for nobody: it would wait for itself.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use super::limits::{Allowed, WORKBOOK_MB_MAX};

/// Text files that are read at once. A reader of text lives in a few megabytes, whatever it may use.
const TEXTS_MAX: u64 = 4;

static TEXTS: Room = Room::of(TEXTS_MAX);
static WORKBOOKS: Room = Room::of(WORKBOOK_MB_MAX);

/// Waits until there is room for a child that may use so much, and takes it.
pub(super) fn room_for(allowed: Allowed) -> Taken {
    match allowed.is_little() {
        true => TEXTS.take(1),
        false => WORKBOOKS.take(allowed.memory_mb),
    }
}

struct Room {
    within: Mutex<Within>,
    changed: Condvar,
}

struct Within {
    free: u64,
    /// Whose turn it is, by number.
    queue: VecDeque<u64>,
    next: u64,
}

/// A part of a room; given back when it is dropped.
pub(super) struct Taken {
    room: &'static Room,
    size: u64,
    /// Who took it.
    by: ThreadId,
}

/// Who has parts of some room, once for each.
static HOLDERS: Mutex<Vec<ThreadId>> = Mutex::new(Vec::new());

fn holders() -> MutexGuard<'static, Vec<ThreadId>> {
    HOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Room {
    const fn of(size: u64) -> Room {
        Room {
            within: Mutex::new(Within {
                free: size,
                queue: VecDeque::new(),
                next: 0,
            }),
            changed: Condvar::new(),
        }
    }

    fn take(&'static self, size: u64) -> Taken {
        let by = thread::current().id();
        let again = holders().contains(&by);
        let size = if again { 0 } else { size };
        if !again {
            self.wait_for(size);
        }
        holders().push(by);
        Taken {
            room: self,
            size,
            by,
        }
    }

    fn wait_for(&self, size: u64) {
        let mut within = self.within.lock().unwrap_or_else(PoisonError::into_inner);
        let number = within.next;
        within.next += 1;
        within.queue.push_back(number);
        let mut within = self
            .changed
            .wait_while(within, |within| {
                within.queue.front() != Some(&number) || within.free < size
            })
            .unwrap_or_else(PoisonError::into_inner);
        within.queue.pop_front();
        within.free -= size;
        self.changed.notify_all();
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut within = self
            .room
            .within
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        within.free += self.size;
        self.room.changed.notify_all();
        let mut holders = holders();
        if let Some(at) = holders.iter().position(|holder| *holder == self.by) {
            holders.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::Room;

    #[test]
    fn nobody_passes_one_that_waits_and_all_get_in() {
        static ROOM: Room = Room::of(10);
        let first = ROOM.take(6);
        let (came, order) = mpsc::channel();
        let wait = |size: u64| {
            let came = came.clone();
            let before = ROOM.within.lock().expect("nobody panics").next;
            let waiter = thread::spawn(move || {
                let room = ROOM.take(size);
                came.send(size).expect("the test listens");
                drop(room);
            });
            while ROOM.within.lock().expect("nobody panics").next == before {
                thread::yield_now();
            }
            waiter
        };
        let large = wait(9);
        let small = wait(4);
        assert!(
            order.try_recv().is_err(),
            "there would be room for the small one"
        );
        drop(first);
        assert!(large.join().is_ok() && small.join().is_ok());
        assert_eq!(order.try_iter().collect::<Vec<_>>(), [9, 4]);
        assert_eq!(ROOM.within.lock().expect("nobody panics").free, 10);
    }

    #[test]
    fn a_second_reading_by_the_same_thread_does_not_wait_for_the_first() {
        static ROOM: Room = Room::of(10);
        let first = ROOM.take(10);
        let second = ROOM.take(10);
        drop(first);
        assert_eq!(ROOM.within.lock().expect("nobody panics").free, 10);
        drop(second);
        assert_eq!(ROOM.within.lock().expect("nobody panics").free, 10);
    }
}
