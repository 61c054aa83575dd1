//! How many connections there may be, in all and from one client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// The connections that are open.
#[derive(Default)]
pub(crate) struct Seats {
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    total: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// The right to one connection, until it is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    client: Option<IpAddr>,
}

impl Seats {
    /// A seat for a connection from `address`; without one, the connection counts only in all.
    /// The error is the reason for the metric.
    pub(crate) fn take(
        self: &Arc<Self>,
        address: Option<IpAddr>,
        max_total: usize,
        max_by_client: usize,
    ) -> Result<Seat, &'static str> {
        let client = address.map(client);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.total >= max_total {
            return Err("connections");
        }
        if let Some(client) = client {
            let count = taken.by_client.entry(client).or_default();
            if *count >= max_by_client {
                return Err("connections-per-client");
            }
            *count = count.saturating_add(1);
        }
        taken.total = taken.total.saturating_add(1);
        Ok(Seat { seats: Arc::clone(self), client })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total = taken.total.saturating_sub(1);
        if let Some(client) = self.client
            && let Some(count) = taken.by_client.get_mut(&client)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_client.remove(&client);
            }
        }
    }
}

/// One IPv6 client usually has a whole /64 network to draw addresses from.
fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_bounded_and_given_back() {
        let seats = Arc::new(Seats::default());
        let take = |address: &str| seats.take(address.parse().ok(), 4, 2);
        let one = take("192.0.2.1").ok().unwrap();
        let _two = take("::ffff:192.0.2.1").ok().unwrap();
        assert_eq!(take("192.0.2.1").err(), Some("connections-per-client"));
        let _three = take("2001:db8::1").ok().unwrap();
        let _four = take("2001:db8::ffff:2").ok().unwrap();
        assert_eq!(take("198.51.100.1").err(), Some("connections"));
        drop(one);
        assert_eq!(take("2001:db8::3").err(), Some("connections-per-client"));
        let _five = take("").ok().unwrap();
        drop((_two, _three, _four, _five));
        assert!(seats.taken.lock().unwrap().by_client.is_empty());
        assert_eq!(seats.taken.lock().unwrap().total, 0);
    }
}
