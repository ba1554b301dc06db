//! Answers as the guide's samples have them, quirks included.
//!
//! With quirks, what the samples mix takes turns from payment to payment:
//! amounts as text or number, due dates either way round, timestamps with and
//! without a blank, PSIDs missing or null, PENDING for IN_PROCESS. Without,
//! every endpoint keeps to its own sample.

use crate::books::{Books, BulkRequest, FIRST_BULK_ID, FIRST_PAYMENT_ID, Payment, Standing};
use crate::calls::add_bulk::EchoRow;
use crate::config::User;
use crate::times;
use crate::writing::{Object, array, number, object};

/// What a call comes to, before it is put on the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) http: u16,
    /// `responseCode`; the same as `http` unless a fault says otherwise.
    pub(crate) code: u16,
    pub(crate) message: String,
    pub(crate) data: Data,
    /// How many rows the call carried.
    pub(crate) rows: usize,
    /// The bulk request it made.
    pub(crate) bulk: Option<u64>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// The value of `data`.
#[derive(Debug)]
pub(crate) enum Data {
    Null,
    /// JSON, written already.
    Json(Vec<u8>),
    /// Kept as rows, so that a fault can garble them.
    Echo {
        bulk: Option<u64>,
        rows: Vec<EchoRow>,
    },
}

pub(crate) const PROCESSED_WELL: &str = "Request processed successfully";

impl Reply {
    pub(crate) fn ok(data: Data) -> Reply {
        Reply::with(200, PROCESSED_WELL, data)
    }

    pub(crate) fn refused(http: u16, message: impl Into<String>) -> Reply {
        Reply::with(http, message, Data::Null)
    }

    pub(crate) fn wrong_method() -> Reply {
        Reply::refused(405, "Method not allowed")
    }

    /// The body goes on after the most that is read.
    pub(crate) fn too_large() -> Reply {
        Reply::refused(413, "Request body is too large")
    }

    pub(crate) fn with(http: u16, message: impl Into<String>, data: Data) -> Reply {
        Reply {
            http,
            code: http,
            message: message.into(),
            data,
            rows: 0,
            bulk: None,
            headers: Vec::new(),
        }
    }

    /// The body.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        object(&mut out, |o| {
            o.plain("responseCode", self.code);
            o.text("responseMessage", &self.message);
            match &self.data {
                Data::Null => o.null("data"),
                Data::Json(json) => o.key("data").extend_from_slice(json),
                Data::Echo { bulk, rows } => object(o.key("data"), |o| {
                    if let Some(bulk) = bulk {
                        o.plain("bulkPaymentRequestId", bulk);
                    }
                    array(o.key("payments"), rows, |out, row| row.write(out));
                }),
            }
        });
        out
    }
}

/// How one payment, or one entry, is written.
#[derive(Debug, Clone, Copy)]
struct Style {
    amounts_as_text: bool,
    days_first: bool,
    blank_in_time: bool,
    /// Whether a PSID that is not there is null, instead of left out.
    null_psid: bool,
    pending: bool,
}

/// Which turn it is, and who is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pen<'a> {
    pub(crate) quirks: bool,
    /// Counts answers; each item of an answer adds its place.
    pub(crate) turn: u64,
    pub(crate) now_ms: i64,
    /// After this DRAFT becomes IN_PROCESS.
    pub(crate) draft_ms: i64,
    /// Shows days that do not exist, as the sample of endpoint 8 does.
    pub(crate) impossible_days: bool,
    pub(crate) user: &'a User,
}

/// Which page was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) number: usize,
    pub(crate) size: usize,
}

impl Page {
    pub(crate) fn skip(self) -> usize {
        self.number.saturating_mul(self.size)
    }

    /// `pageNo` to `isLast`, as the samples of endpoints 4, 6 and 8.
    pub(crate) fn write(self, o: &mut Object<'_>, total: usize) {
        let pages = total.div_ceil(self.size);
        o.plain("pageNo", self.number);
        o.plain("pageSize", self.size);
        o.plain("totalElements", total);
        o.plain("totalPages", pages);
        o.plain("isFirst", self.number == 0);
        o.plain("isLast", self.number + 1 >= pages);
    }
}

impl Pen<'_> {
    fn style(&self, sample: Style, place: usize) -> Style {
        if !self.quirks {
            return sample;
        }
        let turn = self.turn.wrapping_add(place as u64);
        let flip = |bit: u32, value: bool| value ^ (turn >> bit & 1 == 1);
        Style {
            amounts_as_text: flip(0, sample.amounts_as_text),
            days_first: flip(1, sample.days_first),
            blank_in_time: flip(2, sample.blank_in_time),
            null_psid: flip(1, sample.null_psid),
            pending: turn & 1 == 1,
        }
    }

    /// The status in the words of the guide's matrix.
    pub(crate) fn status(&self, payment: &Payment) -> &'static str {
        match payment.standing {
            Standing::Waiting if self.now_ms - payment.created_ms < self.draft_ms => "DRAFT",
            Standing::Waiting => "IN_PROCESS",
            Standing::Approved => "APPROVED",
            Standing::Processed => "PROCESSED",
            Standing::Discard => "DISCARD",
            Standing::Errored => "ERRORED",
        }
    }

    /// A payment as `/add` answers it (endpoint 2).
    pub(crate) fn added(&self, books: &Books, payment_number: u32, out: &mut Vec<u8>) {
        let sample = Style {
            amounts_as_text: false,
            days_first: true,
            blank_in_time: true,
            null_psid: true,
            pending: false,
        };
        let style = self.style(sample, 0);
        let payment = books.payment(payment_number);
        object(out, |o| {
            o.plain("id", FIRST_PAYMENT_ID + u64::from(payment_number));
            amounts(o, payment, style);
            o.text("identifier", &books.payer_of(payment).identifier);
            o.text("title", payment.title());
            due_date(o, payment, style);
            o.null("period");
            let description = payment.description();
            o.text_or_null("identifierDescription", some(description));
            for key in ["billedToName", "billedToAddress", "billedToContact"] {
                o.null(key);
            }
            psid(o, payment, style);
            o.text_or_null("qrString", qr(payment, payment_number).as_deref());
            o.text("status", self.status(payment));
            o.text("createdAt", &self.stamp(payment.created_ms, style));
            o.text("updatedAt", &self.stamp(payment.updated_ms, style));
            array(o.key("paymentDetails"), [(); 0], |_, ()| ());
        });
    }

    /// A payment in the status of its bulk request (endpoint 5).
    pub(crate) fn in_bulk(&self, books: &Books, number: u32, place: usize, out: &mut Vec<u8>) {
        let sample = Style {
            amounts_as_text: false,
            days_first: true,
            blank_in_time: false,
            null_psid: false,
            pending: false,
        };
        let style = self.style(sample, place);
        let payment = books.payment(number);
        object(out, |o| {
            o.plain("id", FIRST_PAYMENT_ID + u64::from(number));
            amounts(o, payment, style);
            o.text("identifier", &books.payer_of(payment).identifier);
            due_date(o, payment, style);
            o.null("period");
            o.null("identifierDescription");
            psid(o, payment, style);
            let status = match self.status(payment) {
                "IN_PROCESS" if style.pending => "PENDING",
                status => status,
            };
            o.text("status", status);
            o.text("createdAt", &self.stamp(payment.created_ms, style));
            o.text("updatedAt", &self.stamp(payment.updated_ms, style));
        });
    }

    /// A payment in lists, by id, and in searches (endpoints 6 to 8).
    pub(crate) fn listed(&self, books: &Books, number: u32, place: usize, out: &mut Vec<u8>) {
        let sample = Style {
            amounts_as_text: true,
            days_first: false,
            blank_in_time: false,
            null_psid: true,
            pending: false,
        };
        let style = self.style(sample, place);
        let payment = books.payment(number);
        object(out, |o| {
            o.plain("id", FIRST_PAYMENT_ID + u64::from(number));
            o.text("title", payment.title());
            o.text("identifier", &books.payer_of(payment).identifier);
            amount(o, "amount", payment.amount(), style);
            due_date(o, payment, style);
            amount(o, "amountAfterDueDate", payment.late_amount(), style);
            let user = self.user;
            o.text(
                "billedToName",
                &format!("{} {}", user.first_name, user.last_name),
            );
            o.text("billedToAddress", &user.channel_name);
            o.null("billedToContact");
            psid(o, payment, style);
            o.text_or_null("qrString", qr(payment, number).as_deref());
            o.text("status", self.status(payment));
            o.text("createdAt", &self.stamp(payment.created_ms, style));
            match payment.paid_ms() {
                Some(paid) => o.text("paidAt", &self.stamp(paid, style)),
                None => o.text("paidAt", "N/A"),
            }
            array(o.key("paymentDetails"), [(); 0], |_, ()| ());
        });
    }

    /// An entry of the list of bulk requests (endpoint 4), whose sample calls
    /// the count by two names.
    pub(crate) fn bulk(&self, request: &BulkRequest, number: u32, place: usize, out: &mut Vec<u8>) {
        let turn = self.turn.wrapping_add(place as u64);
        let stamp = |at| times::stamp(at, self.quirks && turn >> 2 & 1 == 1);
        object(out, |o| {
            o.plain("id", FIRST_BULK_ID + u64::from(number));
            o.text("createdAt", &stamp(request.created_ms));
            o.text("updatedAt", &stamp(request.updated_ms));
            o.null("fileName");
            o.text("contentType", "JSON");
            let count = if self.quirks && turn & 1 == 1 {
                "paymentCount"
            } else {
                "vouchersCount"
            };
            o.plain(count, request.count);
            o.text("status", bulk_status(request));
            o.null("message");
        });
    }

    fn stamp(&self, at_ms: i64, style: Style) -> String {
        if self.impossible_days {
            return times::IMPOSSIBLE.to_owned();
        }
        times::stamp(at_ms, style.blank_in_time)
    }
}

/// The guide shows PROCESSED alone; what comes before it is our word.
pub(crate) fn bulk_status(request: &BulkRequest) -> &'static str {
    if request.processed {
        "PROCESSED"
    } else {
        "IN_PROCESS"
    }
}

fn amounts(o: &mut Object<'_>, payment: &Payment, style: Style) {
    amount(o, "amount", payment.amount(), style);
    amount(o, "amountAfterDueDate", payment.late_amount(), style);
}

fn amount(o: &mut Object<'_>, key: &'static str, text: &str, style: Style) {
    match (text, style.amounts_as_text) {
        ("", _) => o.null(key),
        (text, true) => o.text(key, text),
        (text, false) => o.plain(key, number(text)),
    }
}

fn due_date(o: &mut Object<'_>, payment: &Payment, style: Style) {
    match (payment.due_date(), style.days_first) {
        ("", _) => o.null("dueDate"),
        (iso, true) => o.text("dueDate", &times::day_first(iso)),
        (iso, false) => o.text("dueDate", iso),
    }
}

fn psid(o: &mut Object<'_>, payment: &Payment, style: Style) {
    match payment.psid() {
        Some(psid) => o.text("psid", &psid),
        None if style.null_psid => o.null("psid"),
        None => {}
    }
}

/// In the shape of the guide's sample; it does not scan.
fn qr(payment: &Payment, number: u32) -> Option<String> {
    let dynamic = payment.generation_type == crate::GenerationType::Dqrc;
    let method = if dynamic { 12 } else { 11 };
    payment.generation_type.has_qr().then(|| {
        format!(
            "000201010211{method}28560012D156{:016}",
            u64::from(number) + 1
        )
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
