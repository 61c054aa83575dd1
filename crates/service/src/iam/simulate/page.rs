//! Pages of results: one result for each action.

use data_encoding::HEXLOWER;
use doorward_shapes::Error;
use doorward_shapes::iam::{self as api, error};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::scene::Scene;
use crate::cx::Cx;
use crate::page::{self, Page, PageRequest};

/// How much one call may compare, as [`Scene::work`] counts it.
const WORK_MAX: u64 = 1 << 32;
/// Results of a page where no number is asked for (API Reference, SimulateCustomPolicy, `MaxItems`).
const DEFAULT_MAX_ITEMS: i32 = 100;

/// The actions of the page that is asked for. It may be shorter than asked for, where policies and resources are many.
pub(super) fn page(
    cx: &Cx<'_>,
    scene: &Scene,
    input: &api::SimulateCustomPolicyRequest,
) -> Result<Page<String>, Error> {
    let most = WORK_MAX / scene.work().max(1);
    if most == 0 {
        return Err(error::invalid_input("The simulation is too large: give fewer resources or policies at a time."));
    }
    let most = i32::try_from(most).unwrap_or(i32::MAX);
    let simulation = digest(cx.call.input.as_ref().ok());
    let list = [simulation.as_str()];
    let size = input.max_items.unwrap_or(DEFAULT_MAX_ITEMS).min(most);
    let request = PageRequest { list: &list, marker: input.marker.as_deref(), max_items: Some(size) };
    let numbered: Vec<(String, &String)> =
        input.action_names.iter().enumerate().map(|(index, action)| (format!("{index:08}"), action)).collect();
    page::page(
        cx,
        &request,
        |after| {
            let after = after.to_owned();
            numbered.iter().filter(move |(number, _)| *number > after)
        },
        |(number, _)| number,
        |(_, action)| (*action).clone(),
    )
}

/// A marker is good for the very simulation that it came from.
fn digest(input: Option<&Value>) -> String {
    let mut input = input.cloned().unwrap_or_default();
    if let Some(members) = input.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "Marker" | "MaxItems"));
    }
    HEXLOWER.encode(&Sha256::digest(input.to_string()))
}
