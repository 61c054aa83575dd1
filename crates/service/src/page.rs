//! Pages of lists: `Marker`, `MaxItems`, `IsTruncated` (IAM API Reference, the List operations).

use doorward_shapes::{Error, common};

use crate::cx::Cx;

/// A page of a list.
pub(crate) struct Page<T> {
    pub items: Vec<T>,
    pub is_truncated: bool,
    pub marker: Option<String>,
}

const DEFAULT_MAX_ITEMS: i32 = 100;

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
    let list = cx.list_name(request.list);
    let after = match request.marker {
        None => String::new(),
        Some(marker) => {
            cx.keyring().open_marker(&list, marker).ok_or_else(|| common::validation_error("Invalid Marker."))?
        }
    };
    let size = usize::try_from(request.max_items.unwrap_or(DEFAULT_MAX_ITEMS)).unwrap_or(1);
    let mut rest = from(&after);
    let entries: Vec<E> = rest.by_ref().take(size).collect();
    let marker = match (rest.next(), entries.last()) {
        (Some(_), Some(last)) => {
            let marker = cx.keyring().marker(cx.world(), &list, key(last));
            Some(marker.ok_or_else(|| common::internal_failure("the marker could not be sealed"))?)
        }
        _ => None,
    };
    Ok(Page { items: entries.iter().map(item).collect(), is_truncated: marker.is_some(), marker })
}
