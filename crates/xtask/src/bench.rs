//! placeholder
use crate::run::Result;
pub fn run(_json: bool) -> Result {
    Err("x".into())
}
