//! The calls that change nothing: they sign in by themselves, wait for their
//! turn, and are asked again where the hub stumbles.

use asaanbill_core::{BulkRequest, BulkRequestDetail, Page, Payment, Psid};
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::errors::ReadError;
use crate::page_ask::{ContentType, PageAsk};

impl Client {
    /// The bulk requests made by `add-bulk` (guide, section 4). No order is
    /// promised: read on while [`Page::promises_more`] says so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// use asaanbill_http::PageAsk;
    ///
    /// let (mut ask, mut requests) = (PageAsk::first(), Vec::new());
    /// loop {
    ///     let mut page = client.bulk_requests(ask).await?;
    ///     let got = page.content.len();
    ///     requests.append(&mut page.content);
    ///     if got == 0 || !page.promises_more(requests.len() as u64) {
    ///         break;
    ///     }
    ///     ask = ask.next();
    /// }
    /// assert!(requests.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every read, see [`ReadError`].
    pub async fn bulk_requests(&self, ask: PageAsk) -> Result<Page<BulkRequest>, ReadError> {
        self.bulk_requests_of(ContentType::Json, ask).await
    }

    /// The same for requests that came as JSON or as a file.
    ///
    /// # Errors
    /// As every read, see [`ReadError`].
    pub async fn bulk_requests_of(
        &self,
        content_type: ContentType,
        ask: PageAsk,
    ) -> Result<Page<BulkRequest>, ReadError> {
        let query = [("contentType", content_type.as_str())];
        self.page(&["bulk-payment-request"], &query, ask).await
    }

    /// One bulk request and its payments, each with its current status
    /// (guide, section 5). The guide gives this call no paging, so none is
    /// asked for; where the hub pages all the same,
    /// [`promises_more`](Page::promises_more) says so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// # let bill = asaanbill_core::Bill {
    /// #     title: "Ayesha Khan".into(), identifier: "GF-1".into(), amount: asaanbill_core::Paisa::parse("1500")?,
    /// #     due_date: "2035-08-31".parse()?, amount_after_due_date: asaanbill_core::Paisa::parse("1600")? };
    /// let taken = client.add_bulk(&[bill]).await?;
    /// hub.assign()?; // the sandbox gives out PSIDs now, not a moment later
    ///
    /// let request = client.bulk_request(taken.bulk_id).await?;
    /// assert!(request.status.is_processed()); // worked off
    /// let payment = &request.payments.content[0];
    /// assert!(payment.psid.is_some() && !payment.status.is_paid());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every read; [`ReadError::NotFound`] if there is no such request.
    pub async fn bulk_request(&self, id: i64) -> Result<BulkRequestDetail, ReadError> {
        self.read(&["bulk-payment-request", &id.to_string()], &[])
            .await
    }

    /// A page of a bulk request's payments, for a hub that pages them.
    ///
    /// # Errors
    /// As every read; [`ReadError::NotFound`] if there is no such request.
    pub async fn bulk_request_page(
        &self,
        id: i64,
        ask: PageAsk,
    ) -> Result<BulkRequestDetail, ReadError> {
        let (page_no, page_size) = (ask.page_no.to_string(), ask.page_size.to_string());
        let query = [
            ("pageNo", page_no.as_str()),
            ("pageSize", page_size.as_str()),
        ];
        let path = ["bulk-payment-request", &id.to_string()];
        let mut detail: BulkRequestDetail = self.read(&path, &query).await?;
        detail.payments.page_no.get_or_insert(ask.page_no);
        let page_size = u64::from(ask.page_size);
        detail.payments.page_size.get_or_insert(page_size);
        Ok(detail)
    }

    /// Payments, the latest changes first; APPROVED, PROCESSED and DISCARD
    /// only (guide, section 6).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// use asaanbill_http::PageAsk;
    ///
    /// for payment in client.payments(PageAsk::first()).await?.content {
    ///     println!("{:?}: {}", payment.identifier, payment.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every read, see [`ReadError`].
    pub async fn payments(&self, ask: PageAsk) -> Result<Page<Payment>, ReadError> {
        self.page(&["payment"], &[], ask).await
    }

    /// One payment by the hub's number for it (guide, section 7). This and
    /// [`search`](Client::search) are where `paid_at` comes from.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// use asaanbill_http::ReadError;
    ///
    /// match client.payment(264_654).await {
    ///     Ok(payment) => println!("{}, paid {:?}", payment.status, payment.paid_at),
    ///     Err(ReadError::NotFound { .. }) => println!("no such payment"),
    ///     Err(err) => return Err(err.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every read; [`ReadError::NotFound`] if there is no such payment.
    pub async fn payment(&self, id: i64) -> Result<Payment, ReadError> {
        self.read(&["payment", &id.to_string()], &[]).await
    }

    /// Every payment that ever had this PSID, the newest first (guide,
    /// section 8).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// # let bill = asaanbill_core::Bill {
    /// #     title: "Ayesha Khan".into(), identifier: "GF-1".into(), amount: asaanbill_core::Paisa::parse("1500")?,
    /// #     due_date: "2035-08-31".parse()?, amount_after_due_date: asaanbill_core::Paisa::parse("1600")? };
    /// use asaanbill_core::NewPayment;
    /// use asaanbill_http::PageAsk;
    ///
    /// let psid = client.add(&NewPayment::Psid(bill)).await?.psid.ok_or("no PSID")?;
    /// let history = client.search(&psid, PageAsk::first()).await?;
    /// assert_eq!(history.content.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As every read; [`ReadError::NotFound`] if the hub never gave it out
    /// (it may also answer an empty list: the guide promises both).
    pub async fn search(&self, psid: &Psid, ask: PageAsk) -> Result<Page<Payment>, ReadError> {
        self.page(&["search", psid.as_str()], &[], ask).await
    }

    async fn page<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        ask: PageAsk,
    ) -> Result<Page<T>, ReadError> {
        let (page_no, page_size) = (ask.page_no.to_string(), ask.page_size.to_string());
        let mut query = query.to_vec();
        query.push(("pageNo", &page_no));
        query.push(("pageSize", &page_size));
        let mut page: Page<T> = self.read(path, &query).await?;
        // A hub that does not number its pages means the one it was asked for.
        page.page_no.get_or_insert(ask.page_no);
        page.page_size.get_or_insert(u64::from(ask.page_size));
        Ok(page)
    }
}
