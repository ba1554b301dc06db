//! A gateway whose readings are noted: whatever is read of the hub while a decision is carried out
//! is part of its evidence.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use ingest_ledger::{BillRow, HubBill, OpenRow};

use super::{AskError, Body, Doubt, Gateway, LookUp, MayStart, NotReady, RequestReading, Sent};
use crate::decisions::evidence;

/// A gateway, and a witness of what is read by it.
pub(super) struct Witnessed(pub(super) Arc<dyn Gateway>);

impl Gateway for Witnessed {
    fn ready(&self) -> BoxFuture<'_, Result<(), NotReady>> {
        self.0.ready()
    }

    fn body(&self, bills: &[BillRow]) -> Body {
        self.0.body(bills)
    }

    fn send<'a>(
        &'a self,
        body: Body,
        bills: &'a [BillRow],
        may_start: MayStart,
    ) -> BoxFuture<'a, Sent> {
        self.0.send(body, bills, may_start)
    }

    fn look_up<'a>(
        &'a self,
        doubts: &'a [Doubt],
        owned: &'a HashSet<String>,
    ) -> BoxFuture<'a, Result<LookUp, AskError>> {
        Box::pin(async move {
            let looked = self.0.look_up(doubts, owned).await;
            evidence::list_read(looked.as_ref());
            looked
        })
    }

    fn listed(&self) -> BoxFuture<'_, Result<HashSet<String>, AskError>> {
        self.0.listed()
    }

    fn every_request(&self) -> BoxFuture<'_, Result<Vec<String>, AskError>> {
        Box::pin(async move {
            let listed = self.0.every_request().await?;
            evidence::numbers_read(listed.len() as u64);
            Ok(listed)
        })
    }

    fn bills<'a>(&'a self, request_id: &'a str) -> BoxFuture<'a, Result<Vec<HubBill>, AskError>> {
        Box::pin(async move {
            let bills = self.0.bills(request_id).await;
            evidence::bills_read(request_id, bills.as_deref());
            bills
        })
    }

    fn ask<'a>(
        &'a self,
        request_id: &'a str,
        rows: &'a [OpenRow],
    ) -> BoxFuture<'a, Result<RequestReading, AskError>> {
        Box::pin(async move {
            let read = self.0.ask(request_id, rows).await;
            evidence::request_read(request_id, read.as_ref());
            read
        })
    }

    fn paid_at<'a>(
        &'a self,
        payment_id: Option<&'a str>,
        psid: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Option<DateTime<Utc>>, AskError>> {
        self.0.paid_at(payment_id, psid)
    }
}
