//! Pages of lists: `Marker`, `MaxItems`, `IsTruncated` (IAM API Reference, the List operations).

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use doorward_shapes::{Error, common};
use sha2::{Digest, Sha256};

use crate::cx::Cx;

/// A page of a list.
pub(crate) struct Page<T> {
    pub items: Vec<T>,
    pub is_truncated: bool,
    pub marker: Option<String>,
}

const DEFAULT_MAX_ITEMS: i32 = 100;

/// Longest key that a marker holds as it is, in bytes: sealed, it must keep to the 320 characters that clients may send.
const MAX_KEY: usize = 192;
/// How much of a longer one it holds, beside a digest.
const HEAD: usize = 128;
/// Between the two. No key has it.
const SEPARATOR: char = '\0';

/// Where a page ended, for its marker. Only the keys of tags can be too long to be told.
fn place(key: &str) -> Cow<'_, str> {
    if key.len() <= MAX_KEY {
        return Cow::Borrowed(key);
    }
    let head = key.get(..key.floor_char_boundary(HEAD)).unwrap_or_default();
    Cow::Owned(format!("{head}{SEPARATOR}{}", digest(key)))
}

fn digest(key: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(key)).chars().take(32).collect()
}

/// What names a list and where in it a page is wanted.
pub(crate) struct PageRequest<'a> {
    /// The list: the operation and what it is filtered by. A marker is good for this list alone.
    pub list: &'a [&'a str],
    /// `Marker`.
    pub marker: Option<&'a str>,
    /// `MaxItems`, 1 to 1,000 by the model.
    pub max_items: Option<i32>,
}

/// One page: `from` gives what comes after a key, each with its own key; `item` makes the page's items.
pub(crate) fn page<'a, E, I, T>(
    cx: &Cx<'_>,
    request: &PageRequest<'_>,
    from: impl FnOnce(&str) -> I,
    key: impl Fn(&E) -> &'a str,
    item: impl Fn(&E) -> T,
) -> Result<Page<T>, Error>
where
    I: Iterator<Item = E>,
{
    page_within(cx, request, usize::MAX, |_| 0, from, |entry| Cow::Borrowed(key(entry)), item)
}

/// The same of entries that can be large: a page ends with the one that brings its weight to `weight_max`. A page may
/// have fewer entries than were asked for while there are more.
pub(crate) fn page_within<'a, E, I, T>(
    cx: &Cx<'_>,
    request: &PageRequest<'_>,
    weight_max: usize,
    weight: impl Fn(&E) -> usize,
    from: impl FnOnce(&str) -> I,
    key: impl Fn(&E) -> Cow<'a, str>,
    item: impl Fn(&E) -> T,
) -> Result<Page<T>, Error>
where
    I: Iterator<Item = E>,
{
    let list = cx.list_name(request.list);
    let after = match request.marker {
        None => String::new(),
        Some(marker) => {
            cx.keyring().open_marker(&list, marker).ok_or_else(|| common::validation_error("Invalid Marker."))?
        }
    };
    let size = usize::try_from(request.max_items.unwrap_or(DEFAULT_MAX_ITEMS)).unwrap_or(1);
    let (head, last) = after.split_once(SEPARATOR).map_or((after.as_str(), None), |(head, last)| (head, Some(last)));
    let (mut rest, mut again) = (from(head), Vec::new());
    if let Some(last) = last {
        // Up to the last one shown; where that is gone meanwhile, rather some are shown again than one not at all.
        for entry in rest.by_ref() {
            if digest(&key(&entry)) == last {
                again.clear();
                break;
            }
            again.push(entry);
        }
    }
    let mut rest = again.into_iter().chain(rest);
    let (mut entries, mut total) = (Vec::new(), 0usize);
    for entry in rest.by_ref().take(size) {
        total = total.saturating_add(weight(&entry));
        entries.push(entry);
        if total >= weight_max {
            break;
        }
    }
    let marker = match (rest.next(), entries.last()) {
        (Some(_), Some(last)) => {
            let marker = cx.keyring().marker(cx.world(), &list, &place(&key(last)));
            Some(marker.ok_or_else(|| common::internal_failure("the marker could not be sealed"))?)
        }
        _ => None,
    };
    Ok(Page { items: entries.iter().map(item).collect(), is_truncated: marker.is_some(), marker })
}
