//! The sentences that the ledger stores of rows, calls and files, each with its gaps. They are
//! stored in English, whatever the account's language is: databases and downstream systems read
//! them. Whoever shows one to a person can tell which it is, and say it in another language.

/// The gap in a sentence.
const GAP: &str = "{}";

macro_rules! sentences {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// One sentence, or a piece of one, with gaps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Sentence { $($(#[$doc])* $name,)+ }

        impl Sentence {
            /// Every one of them; of two that a text could be, the first is meant.
            pub const ALL: &'static [Sentence] = &[$(Sentence::$name,)+];

            /// In English, each gap as `{}`.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Sentence::$name => $text,)+ }
            }
        }
    };
}

sentences! {
    /// A newer row was sent first: which, due when, where it stands, what lets this one go.
    Overtaken = "a newer row with the same identifier was sent before this one: {}, due {}, which is {}. Sent now, this row would take its place or be a second bill. If that is meant: {}",
    /// Rule 1: for which row, and where that stands.
    Waits = "waits for {} with the same identifier, which is {}; judged again by itself when that one is done",
    /// Rule 2: the same bill is paid: which.
    SamePaid = "the same bill is already paid: {}",
    /// Rule 2: the same bill is made: which.
    SameMade = "the same bill is already made: {}",
    /// Rule 2, unpaid: which, what differs, what replaces it, the file's number.
    Changed = "a bill for this identifier and due date exists, unpaid ({}), with other values: {}. To replace it: {}; to leave it: `ingestd cancel {}`",
    /// Rule 2, paid: which, what differs, what lets this one go.
    ChangedPaid = "the bill for this identifier and due date is paid ({}), and this row has other values: {}. Sent, it is a second bill to pay. If that is meant: {}",
    /// Rule 3: due when, which, what lets this one go.
    Later = "an unpaid bill with the later due date {} exists ({}), and sending this row would discard it. If that is meant: {}",
    /// The request of an earlier row is hidden: which, where it stood, in which, what lets this one go.
    Unseen = "{} with the same identifier, which was {}, went in request {}, and the hub does not show that request any more: whether a bill of it is paid or still to be paid can't be told. Judged again by itself when it is shown; to bill this row all the same: {}",
    /// What sending it discards: how much, due when, which.
    Discards = "replaces the unpaid bill of {} due {} ({}), which the hub discards",
    /// A request of nobody may hold it: which row, which request, why, what lets it go, the file's number.
    Elsewhere = "{}, but request {} at the hub, which this database does not know, may hold it ({}). If the hub's own pages show that no bill of it is left to pay: {}; if this row is not to be sent: `ingestd cancel {}`",
    /// Piece: that row is this one.
    ItselfElsewhere = "this row was sent before, and not taken by the hub's word",
    /// Piece: that row is another one.
    OtherElsewhere = "{} with the same identifier was not taken by the hub's word",
    /// A token that fits nothing: the file's number.
    TokenUnknown = "this row's hidden token names no row of this account. If this row is to be sent all the same: `ingestd approve {}`",
    /// A token whose row was archived: the file of that row, the file's number.
    TokenArchived = "the row that this row's hidden token names is old and was archived; `ingestd archive --restore {}` brings it back. If this row is to be sent all the same: `ingestd approve {}`",
    /// A token that stands twice in one file: the file's number.
    TokenTwice = "this row's hidden token stands on another row of this file too, and a row is corrected once (was the row copied?). If this row is to be sent all the same: `ingestd approve {}`",
    /// A token whose row was corrected before: the file's number.
    TokenUsed = "the row that this row's hidden token names was corrected before. If this row is to be sent all the same: `ingestd approve {}`",
    /// A token whose row is well: its state, the file's number.
    TokenOfAWellRow = "the row that this row's hidden token names needs no correction: it is {}. If this row is to be sent all the same: `ingestd approve {}`",
    /// Its correction came: in which file.
    Corrected = "a corrected row in file {} took its place",
    /// Cancelled in time.
    Cancelled = "cancelled before it was sent",
    /// Cancelled, and refused besides: in the hub's words.
    CancelledAndRefused = "cancelled; the hub had refused it: {}",
    /// Refused whole, in the hub's words.
    RefusedWhole = "the hub refused the whole request and named no row: {}",
    /// Too large by itself, in the hub's words.
    RowTooLarge = "the hub finds this one row too large: {}",
    /// Too large together, in the hub's words.
    Halved = "too large for the hub, sent in halves: {}",
    /// Found again: the request.
    Found = "found at the hub as request {}",
    /// Not found, and sent again: how often it was looked for.
    SentAgain = "not found at the hub in {} complete readings; sent again by resend_absent_after",
    /// The service ended during the call.
    ServiceStopped = "the service stopped while the call was under way: being looked up at the hub",
    /// The answer named a request of another call.
    OthersRequest = "the hub answered with the number {}, which belongs to another call: being looked up",
    /// The refusal did not name it.
    NotNamed = "the hub refused other rows of the call and did not name this one: being looked up",
    /// The answer did not show it.
    NotShown = "the hub's answer does not show this row: being read from its request",
    /// Not in the request that was found: which.
    NotListedYet = "request {}, which holds the other rows of its call, does not list it yet",
    /// The request is hidden since: which.
    RequestGone = "the hub said that it took this row in request {}, and does not show that request any more: `ingestd status` says what decides",
    /// Not listed any more.
    NotListedAnyMore = "this row was confirmed, and its request does not list it any more: `ingestd status` says what decides",
    /// The hub has no bill, and no reason.
    ReasonLost = "the hub kept no bill, and its reason was lost",
    /// By a person's word: the request.
    SaidTaken = "a person said that the hub has it in request {}",
    /// What it replaces was paid: which bill.
    PaidMeanwhile = "the bill that this one replaces was paid meanwhile ({}): the payer may pay twice",
    /// The hub contradicts itself: what it says now, and what it was.
    Contradicted = "the hub later called it {}, after it was {}",
    /// Its file's day has passed meanwhile.
    PastWhenSent = "the due date has passed: write a due date that is today or later",
    /// Piece: with its PSID.
    WithPsid = "{}, PSID {}",
    /// Piece: the late amounts differ.
    LateDiffers = "amount after due date {} instead of {}",
    /// Piece: the amounts differ.
    AmountDiffers = "amount {} instead of {}",
    /// Piece: the titles differ.
    TitleDiffers = "another title",
    /// Piece: rupees.
    Rupees = "Rs {}",
    /// Piece: a state that is none.
    InNoKnownState = "in no state that is known or can't be read whole",
    /// Piece: a payment that a restored database does not know: its number, its request.
    ForeignPayment = "payment {} of request {} at the hub, which this database did not make",
    /// Piece: the same without a number.
    ForeignPaymentUnnumbered = "a payment of request {} at the hub, which this database did not make",
    /// Piece: a payment: its number, its request.
    HubPayment = "payment {} of request {} at the hub",
    /// Piece: why a request may hold it: it has this payer's bill.
    BillsToo = "it bills {} too",
    /// Piece: why a request may hold it: nobody knows yet.
    NotWorkedOff = "the hub has not worked it off yet",
    /// Piece: a row of a file.
    RowOf = "row {} of {}",
}

impl Sentence {
    /// What stands between the pieces of a list.
    pub const BETWEEN: &'static str = ", ";

    /// The sentence with its gaps filled, in order.
    #[must_use]
    pub fn with(self, fillings: &[&str]) -> String {
        debug_assert_eq!(fillings.len(), self.gaps(), "{self:?}");
        let mut text = String::new();
        let mut fillings = fillings.iter();
        for (at, piece) in self.text().split(GAP).enumerate() {
            if at > 0 {
                text.push_str(fillings.next().copied().unwrap_or_default());
            }
            text.push_str(piece);
        }
        text
    }

    /// How many gaps it has.
    #[must_use]
    pub fn gaps(self) -> usize {
        self.text().matches(GAP).count()
    }

    /// What fills the gaps of a text that is this sentence; of any other, nothing.
    #[must_use]
    pub fn heard_in(self, text: &str) -> Option<Vec<&str>> {
        Sentence::fillings(self.text(), text)
    }

    /// The same for any words with gaps, each as `{}`.
    #[must_use]
    pub fn fillings<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
        let mut pieces = pattern.split(GAP);
        let mut rest = text.strip_prefix(pieces.next()?)?;
        let pieces: Vec<&str> = pieces.collect();
        let Some((last, between)) = pieces.split_last() else {
            return rest.is_empty().then(Vec::new);
        };
        let mut fillings = Vec::with_capacity(pieces.len());
        for piece in between {
            let (filling, after) = rest.split_once(piece)?;
            fillings.push(filling);
            rest = after;
        }
        fillings.push(rest.strip_suffix(last)?);
        Some(fillings)
    }

    /// Which sentence a text is, and what fills its gaps.
    #[must_use]
    pub fn of(text: &str) -> Option<(Sentence, Vec<&str>)> {
        let all = Sentence::ALL.iter();
        all.copied()
            .find_map(|sentence| Some((sentence, sentence.heard_in(text)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_known_again_with_what_filled_its_gaps() {
        let names = ["9", "fees of March.xlsx", "x y", "c", "d"];
        for sentence in Sentence::ALL {
            let fillings = &names[..sentence.gaps()];
            let said = sentence.with(fillings);
            assert!(!said.contains(GAP), "{said}");
            assert_eq!(Sentence::of(&said), Some((*sentence, fillings.to_vec())));
        }
        for other in ["", "what the hub says of it", "row nine", "cancelled"] {
            assert_eq!(Sentence::of(other), None, "{other}");
        }
    }

    #[test]
    fn pieces_are_known_inside_of_what_they_fill() {
        let place = Sentence::RowOf.with(&["5", "march.xlsx"]);
        let bill = Sentence::WithPsid.with(&[&place, "1000012345"]);
        let said = Sentence::SameMade.with(&[&bill]);
        assert_eq!(
            said,
            "the same bill is already made: row 5 of march.xlsx, PSID 1000012345"
        );
        let (_, fillings) = Sentence::of(&said).unwrap_or((Sentence::RowOf, Vec::new()));
        assert_eq!(
            Sentence::of(fillings[0]),
            Some((Sentence::WithPsid, vec![&place[..], "1000012345"]))
        );
    }
}
