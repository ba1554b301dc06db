//! The hub's calls by hand: `login`, `payments list|get|search`, `bulk list|show`. What the hub says
//! is shown cleaned: amounts with two decimals, dates as yyyy-MM-dd, times in UTC.
//!
//! They read only, and they count within the account's rate like every other call.

mod said;

use asaanbill_core::{Page, Psid};
use asaanbill_http::{Client, PageAsk, ReadError};
use ingest_ledger::Ledger;
use serde::Serialize;

use super::printing::{cell, many, shown};
use super::terminal::{Terminal, account_meant};
use crate::cli::{BulkCommand, Format, PageArgs, PaymentsCommand, Whose};
use crate::config::Account;
use crate::exit::{Exit, Failure};
use crate::gateway::asaanbill;
pub use said::{PaymentSaid, RequestSaid, RequestWithPayments};

/// Pages read of one list: a hub that never ends its list is not followed for ever.
const PAGES_MAX: u64 = 100_000;

/// Who the hub says we are.
#[derive(Debug, Serialize)]
pub struct SignedIn {
    /// Always true: a refusal is a failure.
    pub ok: bool,
    /// The account.
    pub account: String,
    /// The user, as configured.
    pub username: String,
    /// The person behind it, in the hub's words.
    pub user: Option<String>,
    /// Whose login it is, in the hub's words.
    pub channel: Option<String>,
    /// The channel's number.
    pub channel_id: Option<String>,
}

impl SignedIn {
    /// Who is let in, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let user = self
            .user
            .as_deref()
            .map(|user| format!(" ({user})"))
            .unwrap_or_default();
        let channel = self
            .channel
            .as_deref()
            .map(|channel| format!(" for {channel}"))
            .unwrap_or_default();
        format!("the hub lets {} in{user}{channel}", self.username)
    }
}

/// Signs in at the hub, to see whether user and password are right.
///
/// # Errors
/// Exit 4 with the hub's words; exit 2 if the password can't be read.
pub async fn sign_in_once(account: &Account, ledger: Option<Ledger>) -> Result<SignedIn, Failure> {
    let client = asaanbill::client(account, ledger)?;
    let login = client
        .login()
        .await
        .map_err(|error| said_no(account, &error))?;
    let names: Vec<String> = [login.first_name, login.last_name]
        .into_iter()
        .flatten()
        .collect();
    Ok(SignedIn {
        ok: true,
        account: account.name.clone(),
        username: account.username.clone(),
        user: Some(names.join(" ")).filter(|name| !name.trim().is_empty()),
        channel: login.channel_name,
        channel_id: login.channel_id,
    })
}

/// Why the hub gave no answer, and what to do about it.
pub(super) fn said_no(account: &Account, error: &ReadError) -> Failure {
    let failure = Failure::hub(format!("account {}: {error}", account.name));
    match error {
        ReadError::SignInFailed { .. } => failure.help(format!(
            "the user is {} and the password is in {}; a running service goes on by itself once it is right",
            account.username,
            account.password_place()
        )),
        ReadError::Unreachable { .. } | ReadError::Unreadable { .. } => {
            failure.help(format!("the hub's address is {}; `ingestd doctor` looks closer", account.base_url))
        }
        ReadError::NoTurn { .. } => Failure { exit: Exit::Database, ..failure },
        _ => failure,
    }
}

/// A client that counts its calls in the ledger.
async fn client_of(account: &Account, ledger: &Ledger) -> Result<Client, Failure> {
    ledger.account_put(&account.name, &account.login()).await?;
    asaanbill::client(account, Some(ledger.clone()))
}

pub(super) async fn login(terminal: &Terminal, whose: &Whose) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let account = account_meant(&config, whose)?;
    ledger.account_put(&account.name, &account.login()).await?;
    let who = sign_in_once(account, Some(ledger.clone())).await?;
    ledger.close().await;
    let mut paper = terminal.paper();
    match paper.format() {
        Format::Json => paper.json(&who)?,
        Format::Csv => {
            paper.csv(&["account", "username", "user", "channel", "channel_id"])?;
            let of = |text: &Option<String>| text.clone().unwrap_or_default();
            paper.csv(&[
                &who.account,
                &who.username,
                &of(&who.user),
                &of(&who.channel),
                &of(&who.channel_id),
            ])?;
        }
        Format::Table => paper.line(&shown(&who.sentence()))?,
    }
    paper.finish()?;
    Ok(Exit::Done)
}

pub(super) async fn payments(
    terminal: &Terminal,
    command: PaymentsCommand,
) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let mut paper = terminal.paper();
    match command {
        PaymentsCommand::List { whose, page } => {
            let account = account_meant(&config, &whose)?;
            let client = client_of(account, &ledger).await?;
            let mut list = paper.list(PaymentSaid::COLUMNS)?;
            every_page(
                account,
                &page,
                async |ask| client.payments(ask).await,
                &mut |payment| {
                    let said = PaymentSaid::of(&payment);
                    list.push(&said, || said.cells())
                },
            )
            .await?;
            if list.finish()? == 0 {
                terminal.note(&nothing_there("payment", &page));
            }
        }
        PaymentsCommand::Search { psid, whose, page } => {
            let psid = Psid::parse(&psid)
                .map_err(|error| Failure::usage(format!("{psid:?} is no PSID: {error}")))?;
            let account = account_meant(&config, &whose)?;
            let client = client_of(account, &ledger).await?;
            let first = u64::from(page.page.unwrap_or(0));
            let mut list = paper.list(PaymentSaid::COLUMNS)?;
            every_page(
                account,
                &page,
                async |ask| match client.search(&psid, ask).await {
                    // The guide promises an empty list or this for a PSID that nobody has.
                    Err(ReadError::NotFound { .. }) if ask.page_no == first => {
                        Ok(Page::of(Vec::new()))
                    }
                    answer => answer,
                },
                &mut |payment| {
                    let said = PaymentSaid::of(&payment);
                    list.push(&said, || said.cells())
                },
            )
            .await?;
            if list.finish()? == 0 {
                terminal.note("the hub knows no payment with this PSID");
            }
        }
        PaymentsCommand::Get { payment_id, whose } => {
            let id = number(
                &payment_id,
                "a payment's id at the hub",
                "payments search finds payments by PSID",
            )?;
            let account = account_meant(&config, &whose)?;
            let client = client_of(account, &ledger).await?;
            let payment = client
                .payment(id)
                .await
                .map_err(|error| said_no(account, &error))?;
            let said = PaymentSaid::of(&payment);
            match paper.format() {
                Format::Json => paper.json(&said)?,
                _ => {
                    let mut list = paper.list(PaymentSaid::COLUMNS)?;
                    list.push(&said, || said.cells())?;
                    list.finish()?;
                }
            }
        }
        PaymentsCommand::Add(_) => {
            return Err(Failure::defect(
                "payments add was asked of the reading calls",
            ));
        }
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

pub(super) async fn bulk(terminal: &Terminal, command: BulkCommand) -> Result<Exit, Failure> {
    let (config, ledger) = terminal.config_and_ledger().await?;
    let mut paper = terminal.paper();
    match command {
        BulkCommand::List { whose, page } => {
            let account = account_meant(&config, &whose)?;
            let client = client_of(account, &ledger).await?;
            let mut list = paper.list(RequestSaid::COLUMNS)?;
            every_page(
                account,
                &page,
                async |ask| client.bulk_requests(ask).await,
                &mut |request| {
                    let said = RequestSaid::of(&request);
                    list.push(&said, || said.cells())
                },
            )
            .await?;
            if list.finish()? == 0 {
                terminal.note(&nothing_there("bulk request", &page));
            }
        }
        BulkCommand::Show { request_id, whose } => {
            let id = number(
                &request_id,
                "a bulk request's id",
                "`ingestd bulk list` lists them",
            )?;
            let account = account_meant(&config, &whose)?;
            let client = client_of(account, &ledger).await?;
            let said = show(account, &client, id).await?;
            match paper.format() {
                Format::Json => paper.json(&said)?,
                format => {
                    if format == Format::Table {
                        let request = &said.request;
                        paper.line(&shown(&format!(
                            "bulk request {}: {}, {}, made {} {}",
                            cell(request.bulk_payment_request_id),
                            request.status,
                            many(request.count.unwrap_or_default(), "payment"),
                            cell(request.created_at.clone()),
                            cell(request.message.clone())
                        )))?;
                    }
                    let mut list = paper.list(PaymentSaid::COLUMNS)?;
                    for payment in &said.payments {
                        list.push(payment, || payment.cells())?;
                    }
                    list.finish()?;
                }
            }
        }
    }
    paper.finish()?;
    ledger.close().await;
    Ok(Exit::Done)
}

/// A bulk request with all its payments, over all pages where a hub pages them.
async fn show(account: &Account, client: &Client, id: i64) -> Result<RequestWithPayments, Failure> {
    let first = client
        .bulk_request(id)
        .await
        .map_err(|error| said_no(account, &error))?;
    let mut payments: Vec<PaymentSaid> =
        first.payments.content.iter().map(PaymentSaid::of).collect();
    let mut more = first.payments.promises_more(payments.len() as u64) && !payments.is_empty();
    let size = u32::try_from(payments.len()).unwrap_or(u32::MAX);
    let mut ask = PageAsk::first().of_size(size).next();
    while more && ask.page_no < PAGES_MAX {
        let page = client
            .bulk_request_page(id, ask)
            .await
            .map_err(|error| said_no(account, &error))?;
        payments.extend(page.payments.content.iter().map(PaymentSaid::of));
        more =
            page.payments.promises_more(payments.len() as u64) && !page.payments.content.is_empty();
        ask = ask.next();
    }
    Ok(RequestWithPayments {
        request: RequestSaid::of_detail(&first, payments.len() as u64),
        payments,
    })
}

/// Every page of a list, or the one that was asked for.
async fn every_page<T>(
    account: &Account,
    wanted: &PageArgs,
    ask_for: impl AsyncFn(PageAsk) -> Result<Page<T>, ReadError>,
    each: &mut dyn FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut ask = PageAsk {
        page_no: u64::from(wanted.page.unwrap_or(0)),
        page_size: wanted.page_size,
    };
    let mut read = 0;
    loop {
        let mut page = ask_for(ask)
            .await
            .map_err(|error| said_no(account, &error))?;
        let content = std::mem::take(&mut page.content);
        let got = content.len() as u64;
        read += got;
        for item in content {
            each(item)?;
        }
        ask = ask.next();
        if wanted.page.is_some() || got == 0 || !page.promises_more(read) {
            return Ok(());
        }
        if ask.page_no == PAGES_MAX {
            return Err(Failure::hub(format!(
                "account {}: the hub's list does not end",
                account.name
            )));
        }
    }
}

/// What is said where a list of the hub's, or the page of it that was asked for, is empty.
fn nothing_there(what: &str, page: &PageArgs) -> String {
    match page.page {
        Some(page) => format!("the hub lists no {what} on page {page} (the first page is 0)"),
        None => format!("the hub lists no {what}"),
    }
}

pub(super) fn number(text: &str, what: &str, advice: &str) -> Result<i64, Failure> {
    text.trim()
        .parse()
        .map_err(|_| Failure::usage(format!("{what} is a number, not {text:?}")).help(advice))
}

#[cfg(test)]
mod tests;
