//! Accounts: CreateAccount, ListAccounts.

use doorward_directory::{AccessKey, Account, AccountSettings, KeyStatus, id};
use doorward_shapes::doorward::{self as api, error};
use doorward_shapes::{Error, ToTree, common};
use doorward_store::{Commit, Event, Store};
use zeroize::Zeroizing;

use super::check_reach;
use crate::World;
use crate::cx::Cx;
use crate::event::{Deliberation, Ending};
use crate::node::{NewAccount, OpenError, settings};
use crate::op::Op;
use crate::secrets::{Keyring, SecretText};
use crate::shelf::State;
use crate::world::random_u128;

pub(super) fn ops() -> Vec<Op> {
    vec![
        Op::issue(
            "CreateAccount",
            |scope, input: &api::CreateAccountRequest| {
                let id = input.account_id.as_deref().unwrap_or("*");
                Ok(vec![scope.arn(format!("arn:aws:doorward::{}:account/{id}", scope.account.id()))])
            },
            create_account,
        ),
        Op::read("ListAccounts", |scope, _: &api::ListAccountsRequest| Ok(vec![scope.any()]), list_accounts),
    ]
}

/// Makes an account with a root access key; `event` is committed with it.
pub(crate) fn found(
    store: &dyn Store,
    keyring: &Keyring,
    world: &dyn World,
    settings: AccountSettings,
    event: impl FnOnce(&NewAccount) -> Option<Event>,
) -> Result<NewAccount, OpenError> {
    let mut bytes = Zeroizing::new([0; 30]);
    world.fill(bytes.as_mut_slice());
    let secret = SecretText(Zeroizing::new(data_encoding::BASE64.encode(bytes.as_slice())));
    let random = u64::try_from(random_u128(world) >> 64).unwrap_or_default();
    let key_id = id::access_key_id(id::ACCESS_KEY, &settings.id, random).ok_or(OpenError::Seal)?;
    let key = AccessKey {
        id: key_id.clone(),
        status: KeyStatus::Active,
        created: settings.created,
        sealed_secret: keyring.seal_secret(world, &key_id, &secret).ok_or(OpenError::Seal)?,
    };
    let account = Account::new(AccountSettings { root_access_keys: vec![key], ..settings });
    let new = NewAccount {
        account_id: account.id().to_owned(),
        access_key_id: key_id,
        secret_access_key: Zeroizing::new(secret.0.as_str().to_owned()),
    };
    let commit = Commit {
        realm: Account::realm_id(account.id()),
        expected: 0,
        time_ms: world.now().as_millisecond(),
        changes: account.stored_changes(),
        event: event(&new),
        also: Vec::new(),
    };
    match store.commit(&[commit])?.into_iter().next() {
        Some(Ok(_)) => Ok(new),
        _ => Err(OpenError::AccountExists(new.account_id)),
    }
}

fn create_account(
    cx: &Cx<'_>,
    caller: &Account,
    input: api::CreateAccountRequest,
) -> Result<api::CreateAccountResponse, Error> {
    check_reach(cx, cx.doorward.operator())?;
    let settings = settings(cx.world(), input.account_id.as_deref(), &input.account_name)
        .map_err(|refused| error::validation(refused.to_string()))?;
    // The new account's own trail begins with this call; the caller's gets it too, as for every call.
    let first_event = |new: &NewAccount| {
        let output = answer(new).to_tree();
        let ending = Ending {
            call: cx.call,
            now: cx.now,
            region: cx.region,
            caller: Some((cx.caller, caller)),
            attributed: None,
            recipient: Some(&new.account_id),
            input: cx.call.input.as_ref().unwrap_or(&serde_json::Value::Null),
            result: Ok(&output),
            read_only: false,
            category: crate::event::Category::Management,
            deliberation: Deliberation::default(),
        };
        ending.event(cx.world())
    };
    match found(cx.doorward.store(), cx.keyring(), cx.world(), settings, first_event) {
        Ok(new) => Ok(answer(&new)),
        Err(exists @ OpenError::AccountExists(_)) => Err(error::conflict(exists.to_string())),
        Err(failed) => {
            tracing::error!(error = %failed, "an account could not be created");
            Err(common::service_unavailable("The account could not be made durable."))
        }
    }
}

fn answer(new: &NewAccount) -> api::CreateAccountResponse {
    api::CreateAccountResponse {
        account_id: new.account_id.clone(),
        root_access_key_id: new.access_key_id.clone(),
        root_secret_access_key: new.secret_access_key.as_str().to_owned().into(),
    }
}

/// All accounts for the operator's principals, their own for others.
fn list_accounts(cx: &Cx<'_>, own: &Account, _: api::ListAccountsRequest) -> Result<api::ListAccountsResponse, Error> {
    let entry = |account: &Account| api::Account {
        account_id: account.id().to_owned(),
        account_name: account.settings().name.clone(),
    };
    if own.id() != cx.doorward.operator() {
        return Ok(api::ListAccountsResponse { accounts: vec![entry(own)] });
    }
    let ids = cx.doorward.account_ids().map_err(|failed| {
        tracing::error!(error = %failed, "the accounts could not be listed");
        common::service_unavailable("The accounts could not be read.")
    })?;
    let mut accounts = Vec::new();
    for id in ids {
        accounts.extend(cx.account(&id)?.as_deref().map(entry));
    }
    Ok(api::ListAccountsResponse { accounts })
}
