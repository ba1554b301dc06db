//! A page of a list. The hub counts in two spellings, leaves flags null, and
//! wraps the page in an array for some calls and not for others.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::fields::Around;

/// A page of `T`, and what the hub says about the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Which page this is, from 0.
    pub page_no: Option<u64>,
    /// How many a page holds at most.
    pub page_size: Option<u64>,
    /// How many there are on all pages: `totalElements` or `totalNoOfElements`.
    pub total: Option<u64>,
    /// How many pages there are.
    pub total_pages: Option<u64>,
    /// Whether the hub calls it the first page.
    pub is_first: Option<bool>,
    /// Whether the hub calls it the last page.
    pub is_last: Option<bool>,
    /// What the page holds.
    pub content: Vec<T>,
}

impl<T> Page<T> {
    /// A page of a hub that says nothing about the rest.
    #[must_use]
    pub fn of(content: Vec<T>) -> Page<T> {
        Page {
            page_no: None,
            page_size: None,
            total: None,
            total_pages: None,
            is_first: None,
            is_last: None,
            content,
        }
    }

    /// Whether the hub promises more than was read, this page included: by its
    /// total, its number of pages, or by calling this one not the last. A
    /// reading that ends while this says yes is no reading of the list.
    ///
    /// Where the hub says nothing at all of the rest, a page as full as
    /// [`page_size`](Page::page_size) is taken to promise more: the next page is
    /// asked for, and an empty one ends the list. A hub that does not tell the
    /// size of its pages means the one it was asked for: the reader puts that in.
    ///
    /// ```
    /// use asaanbill_core::Page;
    ///
    /// let mut page = Page::of(vec!["a", "b"]);
    /// assert!(!page.promises_more(2));
    /// page.page_size = Some(2); // two were asked for, and two came: perhaps a third waits
    /// assert!(page.promises_more(2));
    /// page.is_last = Some(true); // the hub says not
    /// assert!(!page.promises_more(2));
    /// ```
    #[must_use]
    pub fn promises_more(&self, read_so_far: u64) -> bool {
        let pages_read = self.page_no.unwrap_or(0).saturating_add(1);
        self.total.is_some_and(|total| total > read_so_far)
            || self.total_pages.is_some_and(|pages| pages > pages_read)
            || self.is_last == Some(false)
            || self.is_silent() && self.is_full()
    }

    /// Whether the hub says nothing of what lies beyond this page.
    fn is_silent(&self) -> bool {
        self.total.is_none() && self.total_pages.is_none() && self.is_last.is_none()
    }

    fn is_full(&self) -> bool {
        let entries = self.content.len() as u64;
        entries > 0 && self.page_size.is_some_and(|size| entries >= size)
    }
}

/// From a page object, an array holding one, or a bare array of items.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Page<T>, D::Error> {
        deserializer.deserialize_any(PageVisitor(PhantomData))
    }
}

struct PageVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for PageVisitor<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Page<T>, A::Error> {
        let Around { mut fields, long } = Around::<Vec<T>>::rest(map, "content")?;
        let total = fields.count("totalElements");
        let total = total.or_else(|| fields.count("totalNoOfElements"));
        let content = match long {
            Some(items) => items,
            // A list without content is empty only if the hub says so.
            None if total == Some(0) => Vec::new(),
            None => return Err(Error::custom("a page without content")),
        };
        Ok(Page {
            page_no: fields.count("pageNo"),
            page_size: fields.count("pageSize"),
            total,
            total_pages: fields.count("totalPages"),
            is_first: fields.flag("isFirst"),
            is_last: fields.flag("isLast"),
            content,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Page<T>, A::Error> {
        // Only the first element may be a page, and only if nothing follows it.
        let Some(first) = items.next_element::<Value>()? else {
            return Ok(Page::of(Vec::new()));
        };
        let Some(second) = items.next_element::<T>()? else {
            return match is_page(&first) {
                true => serde_json::from_value(first).map_err(Error::custom),
                false => Ok(Page::of(vec![item(first)?])),
            };
        };
        let mut content = vec![item(first)?, second];
        while let Some(next) = items.next_element()? {
            content.push(next);
        }
        Ok(Page::of(content))
    }
}

fn is_page(value: &Value) -> bool {
    value.as_object().is_some_and(|map| {
        ["content", "totalElements", "totalNoOfElements"]
            .iter()
            .any(|name| map.contains_key(*name))
    })
}

fn item<T: DeserializeOwned, E: Error>(value: Value) -> Result<T, E> {
    serde_json::from_value(value).map_err(E::custom)
}
