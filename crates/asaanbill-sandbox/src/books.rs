//! What the hub knows: payers, payments, bulk requests, and the rules by
//! which one payment discards another.
//!
//! Kept small and flat, so that a million payments fit in a few hundred
//! megabytes and every step is O(1): ids are places in a `Vec`, a payer knows
//! its newest payment, each payment the one before it. It knows no clock, no
//! file and no network: time comes with the event.

use std::collections::HashMap;
use std::sync::Arc;

use crate::events::{Bill, Event, GenerationType};
use crate::newest::{NOWHERE, Newest};
use crate::psid;

/// Payment ids count up from here, so that nobody takes one for a bulk id.
pub(crate) const FIRST_PAYMENT_ID: u64 = 264_001;
/// Bulk request ids count up from here (the guide's first sample is 11).
pub(crate) const FIRST_BULK_ID: u64 = 11;

/// What a payment is at; the guide's matrix, with DRAFT and IN_PROCESS in one
/// (time alone tells them apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Waiting,
    Approved,
    Processed,
    Discard,
    Errored,
}

/// One payment. Its number is its place in the books.
#[derive(Debug)]
pub(crate) struct Payment {
    /// Title, amount, due date, late amount and description, end to end.
    texts: Box<str>,
    /// Where the first four of them end.
    ends: [u32; 4],
    pub(crate) payer: u32,
    /// The payer's payment before this one, or `NOWHERE`.
    previous: u32,
    /// Its bulk request's number, or `NOWHERE`.
    bulk: u32,
    /// Where `Newest` has it.
    place: u32,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    paid_ms: i64,
    pub(crate) standing: Standing,
    pub(crate) generation_type: GenerationType,
    has_psid: bool,
}

impl Payment {
    fn text(&self, from: usize, to: usize) -> &str {
        let start = if from == 0 {
            0
        } else {
            self.ends[from - 1] as usize
        };
        let end = self
            .ends
            .get(to)
            .map_or(self.texts.len(), |end| *end as usize);
        &self.texts[start..end]
    }

    pub(crate) fn title(&self) -> &str {
        self.text(0, 0)
    }
    /// As sent; empty if the type has none.
    pub(crate) fn amount(&self) -> &str {
        self.text(1, 1)
    }
    /// `yyyy-MM-dd`; empty if the type has none.
    pub(crate) fn due_date(&self) -> &str {
        self.text(2, 2)
    }
    /// As sent; empty if the type has none.
    pub(crate) fn late_amount(&self) -> &str {
        self.text(3, 3)
    }
    /// As sent; empty if there is none.
    pub(crate) fn description(&self) -> &str {
        self.text(4, 4)
    }
    pub(crate) fn paid_ms(&self) -> Option<i64> {
        (self.paid_ms != 0).then_some(self.paid_ms)
    }
    pub(crate) fn bulk(&self) -> Option<u32> {
        (self.bulk != NOWHERE).then_some(self.bulk)
    }
    /// The 24 digits, once they are assigned.
    pub(crate) fn psid(&self) -> Option<String> {
        self.has_psid.then(|| psid::of_payer(self.payer))
    }
}

/// One identifier of one user: it keeps its PSID for ever.
#[derive(Debug)]
pub(crate) struct Payer {
    pub(crate) user: u16,
    pub(crate) identifier: Arc<str>,
    newest: u32,
}

/// One accepted `/add-bulk`. Its payments lie side by side.
#[derive(Debug)]
pub(crate) struct BulkRequest {
    pub(crate) user: u16,
    pub(crate) first: u32,
    pub(crate) count: u32,
    pub(crate) refused: u64,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) processed: bool,
}

/// What belongs to one login.
#[derive(Debug)]
struct Shelf {
    name: String,
    payers: HashMap<Arc<str>, u32>,
    newest: Newest,
    bulks: Vec<u32>,
}

/// The whole memory of the hub.
#[derive(Debug, Default)]
pub(crate) struct Books {
    shelves: Vec<Shelf>,
    shelf_by_name: HashMap<String, u16>,
    payers: Vec<Payer>,
    payments: Vec<Payment>,
    bulks: Vec<BulkRequest>,
}

impl Books {
    /// The id that the next payment will have.
    pub(crate) fn next_payment_id(&self) -> u64 {
        FIRST_PAYMENT_ID + self.payments.len() as u64
    }

    /// The id that the next bulk request will have.
    pub(crate) fn next_bulk_id(&self) -> u64 {
        FIRST_BULK_ID + self.bulks.len() as u64
    }

    /// Makes one journalled change. An event that does not fit (a journal
    /// that was edited) is an error, and changes nothing.
    pub(crate) fn apply(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::Add {
                at_ms,
                user,
                payment,
                generation_type,
                assigned,
                bill,
            } => {
                if *payment != self.next_payment_id() {
                    return Err(format!("payment {payment} is out of turn"));
                }
                let user = self.shelf(user);
                let number = self.add(user, bill, *generation_type, NOWHERE, *at_ms);
                if *assigned {
                    self.approve(number, *at_ms);
                }
            }
            Event::AddBulk {
                at_ms,
                user,
                bulk,
                first_payment,
                refused,
                bills,
            } => {
                if *bulk != self.next_bulk_id() || *first_payment != self.next_payment_id() {
                    return Err(format!("bulk request {bulk} is out of turn"));
                }
                let user = self.shelf(user);
                let number = place(self.bulks.len());
                self.bulks.push(BulkRequest {
                    user,
                    first: place(self.payments.len()),
                    count: place(bills.len()),
                    refused: *refused,
                    created_ms: *at_ms,
                    updated_ms: *at_ms,
                    processed: false,
                });
                self.shelves[usize::from(user)].bulks.push(number);
                for bill in bills {
                    self.add(user, bill, GenerationType::Psid, number, *at_ms);
                }
            }
            Event::AssignBulk {
                at_ms,
                bulk,
                errored,
            } => {
                let number = self.bulk_number(*bulk).ok_or("no such bulk request")?;
                let request = &mut self.bulks[number as usize];
                request.processed = true;
                request.updated_ms = *at_ms;
                for payment in request.first..request.first + request.count {
                    let id = FIRST_PAYMENT_ID + u64::from(payment);
                    self.assign(payment, errored.binary_search(&id).is_ok(), *at_ms);
                }
            }
            Event::AssignPayment {
                at_ms,
                payment,
                errored,
            } => {
                let number = self.payment_number(*payment).ok_or("no such payment")?;
                self.assign(number, *errored, *at_ms);
            }
            Event::Pay { at_ms, payment } => {
                let number = self.payment_number(*payment).ok_or("no such payment")?;
                let payment = &mut self.payments[number as usize];
                payment.paid_ms = *at_ms;
                payment.standing = Standing::Processed;
                self.touch(number, *at_ms);
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        user: u16,
        bill: &Bill,
        generation_type: GenerationType,
        bulk: u32,
        at_ms: i64,
    ) -> u32 {
        let number = place(self.payments.len());
        let payer = self.payer(user, &bill.identifier);
        let previous = std::mem::replace(&mut self.payers[payer as usize].newest, number);
        // Note 3 of the guide: what is not paid yet gives way. Whatever is
        // older than `previous` gave way, or was paid, when `previous` came.
        if let Some(earlier) = self.payments.get_mut(previous as usize)
            && matches!(earlier.standing, Standing::Waiting | Standing::Approved)
        {
            earlier.standing = Standing::Discard;
            self.touch(previous, at_ms);
        }
        let (texts, ends) = end_to_end(bill);
        self.payments.push(Payment {
            texts,
            ends,
            payer,
            previous,
            bulk,
            place: NOWHERE,
            created_ms: at_ms,
            updated_ms: at_ms,
            paid_ms: 0,
            standing: Standing::Waiting,
            generation_type,
            has_psid: false,
        });
        number
    }

    /// What was discarded before its turn stays discarded, without a PSID.
    fn assign(&mut self, number: u32, errored: bool, at_ms: i64) {
        if self.payments[number as usize].standing != Standing::Waiting {
            return;
        }
        if errored {
            let payment = &mut self.payments[number as usize];
            payment.standing = Standing::Errored;
            payment.updated_ms = at_ms;
        } else {
            self.approve(number, at_ms);
        }
    }

    fn approve(&mut self, number: u32, at_ms: i64) {
        let payment = &mut self.payments[number as usize];
        payment.standing = Standing::Approved;
        payment.has_psid = payment.generation_type.has_psid();
        self.touch(number, at_ms);
    }

    fn touch(&mut self, number: u32, at_ms: i64) {
        let payment = &mut self.payments[number as usize];
        payment.updated_ms = at_ms;
        let user = self.payers[payment.payer as usize].user;
        self.shelves[usize::from(user)]
            .newest
            .touch(number, &mut payment.place);
    }

    fn shelf(&mut self, name: &str) -> u16 {
        if let Some(number) = self.shelf_by_name.get(name) {
            return *number;
        }
        let number = u16::try_from(self.shelves.len()).expect("fewer than 65,536 users");
        self.shelves.push(Shelf {
            name: name.to_owned(),
            payers: HashMap::new(),
            newest: Newest::default(),
            bulks: Vec::new(),
        });
        self.shelf_by_name.insert(name.to_owned(), number);
        number
    }

    fn payer(&mut self, user: u16, identifier: &str) -> u32 {
        let shelf = &mut self.shelves[usize::from(user)];
        if let Some(payer) = shelf.payers.get(identifier) {
            return *payer;
        }
        let number = place(self.payers.len());
        let identifier: Arc<str> = Arc::from(identifier);
        shelf.payers.insert(Arc::clone(&identifier), number);
        self.payers.push(Payer {
            user,
            identifier,
            newest: NOWHERE,
        });
        number
    }
}

/// What can be asked of the books.
impl Books {
    /// The number under which a user's things are kept; `None` before its
    /// first payment.
    pub(crate) fn user(&self, name: &str) -> Option<u16> {
        self.shelf_by_name.get(name).copied()
    }

    pub(crate) fn user_name(&self, user: u16) -> &str {
        &self.shelves[usize::from(user)].name
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = u16> {
        0..u16::try_from(self.shelves.len()).expect("fewer than 65,536 users")
    }

    pub(crate) fn payments(&self) -> &[Payment] {
        &self.payments
    }

    pub(crate) fn payment(&self, number: u32) -> &Payment {
        &self.payments[number as usize]
    }

    pub(crate) fn payment_number(&self, id: u64) -> Option<u32> {
        let number = u32::try_from(id.checked_sub(FIRST_PAYMENT_ID)?).ok()?;
        ((number as usize) < self.payments.len()).then_some(number)
    }

    pub(crate) fn payer_of(&self, payment: &Payment) -> &Payer {
        &self.payers[payment.payer as usize]
    }

    pub(crate) fn payers_count(&self) -> usize {
        self.payers.len()
    }

    /// The payer of a user's identifier.
    pub(crate) fn payer_by_identifier(&self, user: u16, identifier: &str) -> Option<u32> {
        self.shelves[usize::from(user)]
            .payers
            .get(identifier)
            .copied()
    }

    /// The payer a PSID belongs to, and the user it belongs to.
    pub(crate) fn payer_by_psid(&self, text: &str) -> Option<(u32, u16)> {
        let payer = psid::payer_of(text)?;
        self.payers
            .get(payer as usize)
            .map(|found| (payer, found.user))
    }

    /// A payer's payments, newest first.
    pub(crate) fn payments_of(&self, payer: u32) -> impl Iterator<Item = u32> {
        let newest = self.payers[payer as usize].newest;
        std::iter::successors(self.known(newest), |number| {
            self.known(self.payments[*number as usize].previous)
        })
    }

    fn known(&self, number: u32) -> Option<u32> {
        (number != NOWHERE).then_some(number)
    }

    /// A user's listed payments (APPROVED, PROCESSED, DISCARD).
    pub(crate) fn newest(&self, user: u16) -> &Newest {
        &self.shelves[usize::from(user)].newest
    }

    pub(crate) fn bulks(&self) -> &[BulkRequest] {
        &self.bulks
    }

    /// A user's bulk requests, oldest first.
    pub(crate) fn bulks_of(&self, user: u16) -> &[u32] {
        &self.shelves[usize::from(user)].bulks
    }

    pub(crate) fn bulk(&self, number: u32) -> &BulkRequest {
        &self.bulks[number as usize]
    }

    pub(crate) fn bulk_number(&self, id: u64) -> Option<u32> {
        let number = u32::try_from(id.checked_sub(FIRST_BULK_ID)?).ok()?;
        ((number as usize) < self.bulks.len()).then_some(number)
    }
}

fn end_to_end(bill: &Bill) -> (Box<str>, [u32; 4]) {
    let pieces = [
        &bill.title,
        &bill.amount,
        &bill.due_date,
        &bill.amount_after_due_date,
        &bill.description,
    ];
    let mut texts = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    let mut ends = [0; 4];
    for (at, piece) in pieces.iter().enumerate() {
        texts.push_str(piece);
        if let Some(end) = ends.get_mut(at) {
            *end = place(texts.len());
        }
    }
    (texts.into_boxed_str(), ends)
}

fn place(number: usize) -> u32 {
    u32::try_from(number).expect("the books hold fewer than four billion of anything")
}
