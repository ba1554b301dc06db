//! The moments on the road at which a process may die, by name: between any two of them something
//! was stored, or left us, that the next process must find again.
//!
//! In debug builds, which the tests run, the variable `INGESTD_DIES_AT=NAME` or `NAME:N` kills the
//! process the first or the N-th time it comes there, as `kill -9` would, and `INGESTD_STOPS_AT` makes
//! it stand still there, as `kill -STOP` would, until it is told to go on; `INGESTD_WRITE_FAILS_AT=N`
//! makes its N-th write to a folder fail (`writes`), `INGESTD_DATABASE_FAILS_AT` a statement, and
//! `INGESTD_READER_FAILS` the reader of a sheet (`contained`). They are obeyed only where
//! `INGESTD_UNDER_TEST` is set too, as the tests do. And whoever runs the road on a thread of its own
//! may be told of each moment there ([`on_this_thread`]). In release builds nothing is left of any of
//! this.

/// A moment on the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A file was seen in the inbox, and is not complete yet.
    FileSeen,
    /// A file is complete, and about to be copied.
    FileComplete,
    /// The copy in the spool is synced.
    CopySynced,
    /// The file is claimed by its checksum.
    FileClaimed,
    /// Its reading begins.
    ReadingBegun,
    /// Some of its rows are stored.
    RowsPartlyStored,
    /// All of its rows are stored.
    RowsStored,
    /// The original lies in `done/`, and the ledger does not know it yet.
    OriginalMoved,
    /// Its chunks are planned.
    ChunksPlanned,
    /// An intent is stored, and its call not begun.
    IntentStored,
    /// The call is marked beside the spool, and not begun.
    CallMarked,
    /// An answer is read, and not stored.
    AnswerRead,
    /// An answer is stored.
    AnswerStored,
    /// A chunk in doubt was found at the hub, and is not adopted yet.
    RequestFound,
    /// What the hub said of a request is read, and not stored.
    OutcomeRead,
    /// A report is half written.
    ReportHalfWritten,
    /// A report is in place, and the ledger does not know it yet.
    ReportInPlace,
    /// A person's decision is carried out, and not answered yet.
    DecisionCarriedOut,
    /// A callback's body is read, and not stored.
    CallbackReceived,
    /// A callback is stored, and not answered.
    CallbackStored,
}

impl Moment {
    /// Every moment, in the order of the road.
    pub const ALL: [Moment; 20] = [
        Moment::FileSeen,
        Moment::FileComplete,
        Moment::CopySynced,
        Moment::FileClaimed,
        Moment::ReadingBegun,
        Moment::RowsPartlyStored,
        Moment::RowsStored,
        Moment::OriginalMoved,
        Moment::ChunksPlanned,
        Moment::IntentStored,
        Moment::CallMarked,
        Moment::AnswerRead,
        Moment::AnswerStored,
        Moment::RequestFound,
        Moment::OutcomeRead,
        Moment::ReportHalfWritten,
        Moment::ReportInPlace,
        Moment::DecisionCarriedOut,
        Moment::CallbackReceived,
        Moment::CallbackStored,
    ];

    /// Its name, as the variable spells it.
    pub fn name(self) -> &'static str {
        match self {
            Moment::FileSeen => "file-seen",
            Moment::FileComplete => "file-complete",
            Moment::CopySynced => "copy-synced",
            Moment::FileClaimed => "file-claimed",
            Moment::ReadingBegun => "reading-begun",
            Moment::RowsPartlyStored => "rows-partly-stored",
            Moment::RowsStored => "rows-stored",
            Moment::OriginalMoved => "original-moved",
            Moment::ChunksPlanned => "chunks-planned",
            Moment::IntentStored => "intent-stored",
            Moment::CallMarked => "call-marked",
            Moment::AnswerRead => "answer-read",
            Moment::AnswerStored => "answer-stored",
            Moment::RequestFound => "request-found",
            Moment::OutcomeRead => "outcome-read",
            Moment::ReportHalfWritten => "report-half-written",
            Moment::ReportInPlace => "report-in-place",
            Moment::DecisionCarriedOut => "decision-carried-out",
            Moment::CallbackReceived => "callback-received",
            Moment::CallbackStored => "callback-stored",
        }
    }

    /// The process has come here.
    #[inline]
    pub fn reached(self) {
        #[cfg(debug_assertions)]
        {
            death::at(self);
            told::at(self);
        }
    }
}

#[cfg(debug_assertions)]
pub use told::on_this_thread;

#[cfg(debug_assertions)]
mod told {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::Moment;

    /// Who is told.
    type Told = Rc<dyn Fn(Moment)>;

    thread_local! {
        static TOLD: RefCell<Option<Told>> = const { RefCell::new(None) };
    }

    /// From now on `told` is called at every moment that this thread comes to; `None`: nobody is.
    /// It may panic: then the step that came there ends as a killed process does, with nothing done
    /// after the moment, and the caller of the step catches it. [`Moment::ReportHalfWritten`] is
    /// come to on the thread that writes the report, which is another one.
    pub fn on_this_thread(told: Option<Box<dyn Fn(Moment)>>) {
        TOLD.set(told.map(Rc::from));
    }

    pub(super) fn at(moment: Moment) {
        // A thread that is ending is told nothing.
        let told = TOLD.try_with(|told| told.borrow().clone());
        if let Ok(Some(told)) = told {
            told(moment);
        }
    }
}

/// What the tests set, so that no other variable kills a program that somebody uses.
#[cfg(debug_assertions)]
pub(crate) const UNDER_TEST: &str = "INGESTD_UNDER_TEST";

/// Says once, at the start, that the program is to fail where a test says; or that it will not, though
/// somebody set such a variable.
pub fn say_what_is_obeyed() {
    #[cfg(debug_assertions)]
    for name in [
        "INGESTD_DIES_AT",
        "INGESTD_STOPS_AT",
        "INGESTD_WRITE_FAILS_AT",
        "INGESTD_DATABASE_FAILS_AT",
        crate::contained::READER_FAILS,
    ] {
        let Ok(value) = std::env::var(name) else {
            continue;
        };
        match std::env::var_os(UNDER_TEST) {
            Some(_) => tracing::warn!("a test's: this process fails at {name}={value}"),
            None => {
                tracing::warn!("{name} is a test's, and not obeyed without {UNDER_TEST}");
            }
        }
    }
}

#[cfg(debug_assertions)]
mod death {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{Moment, UNDER_TEST};

    /// Where the process is to die, or to stand still, and how often it still gets past there.
    struct Death {
        name: String,
        passes: AtomicU32,
        stands_still: bool,
    }

    static DEATH: OnceLock<Option<Death>> = OnceLock::new();

    pub(super) fn at(moment: Moment) {
        let asked = || {
            std::env::var_os(UNDER_TEST)?;
            let dies = std::env::var("INGESTD_DIES_AT");
            let stands_still = dies.is_err();
            let asked = dies.or_else(|_| std::env::var("INGESTD_STOPS_AT")).ok()?;
            let (name, times) = asked.split_once(':').unwrap_or((&asked, "1"));
            Some(Death {
                name: name.to_owned(),
                passes: AtomicU32::new(times.parse().unwrap_or(1)),
                stands_still,
            })
        };
        let Some(death) = DEATH.get_or_init(asked) else {
            return;
        };
        if death.name == moment.name() && death.passes.fetch_sub(1, Ordering::Relaxed) == 1 {
            if death.stands_still {
                let own = std::process::id().to_string();
                // Every thread stops, this one among them, before the program that sent it is waited for.
                let _ = std::process::Command::new("kill")
                    .args(["-STOP", &own])
                    .status();
                return;
            }
            // No handler runs and nothing is flushed.
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn a_thread_is_told_of_its_own_moments_and_may_die_at_one() {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let noted = Rc::clone(&seen);
        on_this_thread(Some(Box::new(move |moment| {
            noted.borrow_mut().push(moment);
            assert_ne!(moment, Moment::AnswerRead, "the process dies here");
        })));
        Moment::IntentStored.reached();
        let others = std::thread::spawn(|| Moment::FileSeen.reached());
        assert!(others.join().is_ok());
        assert!(std::panic::catch_unwind(|| Moment::AnswerRead.reached()).is_err());
        on_this_thread(None);
        Moment::AnswerRead.reached();
        let seen = seen.borrow();
        assert_eq!(*seen, [Moment::IntentStored, Moment::AnswerRead]);
    }

    #[test]
    fn every_moment_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Moment::ALL.map(Moment::name).into();
        assert_eq!(names.len(), Moment::ALL.len());
    }
}
