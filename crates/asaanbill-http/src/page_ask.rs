//! Which page of a list is asked for.

/// A page of a list: `pageNo` from 0, and `pageSize`.
///
/// ```
/// use asaanbill_http::PageAsk;
///
/// let ask = PageAsk::first().of_size(500);
/// assert_eq!((ask.page_no, ask.page_size), (0, 500));
/// assert_eq!(ask.next().page_no, 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageAsk {
    /// Which page, from 0.
    pub page_no: u64,
    /// How many a page holds; the hub may cut it down.
    pub page_size: u32,
}

impl PageAsk {
    /// The first page, of 100 as the guide's default is.
    #[must_use]
    pub const fn first() -> PageAsk {
        PageAsk {
            page_no: 0,
            page_size: 100,
        }
    }

    /// The same page number of another size.
    #[must_use]
    pub const fn of_size(self, page_size: u32) -> PageAsk {
        PageAsk { page_size, ..self }
    }

    /// The page after this one.
    #[must_use]
    pub const fn next(self) -> PageAsk {
        PageAsk {
            page_no: self.page_no.saturating_add(1),
            ..self
        }
    }
}

impl Default for PageAsk {
    fn default() -> PageAsk {
        PageAsk::first()
    }
}

/// How a bulk request came to the hub: `contentType` of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ContentType {
    /// By `add-bulk`.
    #[default]
    Json,
    /// As a file, on the hub's own pages.
    Csv,
}

impl ContentType {
    /// The guide's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ContentType::Json => "JSON",
            ContentType::Csv => "CSV",
        }
    }
}
