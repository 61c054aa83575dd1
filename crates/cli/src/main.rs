//! The command `doorward`: runs the server, asks it, and shows what it answers.

#![forbid(unsafe_code)]

mod account;
mod api;
mod audit;
mod can;
mod catalogue;
mod client;
mod demo;
mod dev;
mod document;
mod env;
mod excerpt;
mod failure;
mod fmt;
mod harden;
mod import;
mod init;
mod kek;
mod lint;
mod mfa;
mod output;
mod path;
mod query;
mod role_template;
mod secret;
mod serve;
mod simulate;
mod state;
mod why;
mod world;
mod xml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use failure::Result;

/// Identity and access management that speaks the AWS IAM API.
#[derive(Parser)]
#[command(name = "doorward", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "The first minute:  doorward serve --dev   and in another terminal   eval \"$(doorward env)\"")]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run the server: on an installation, or with --dev on a temporary one with a demo account.
    Serve(serve::Serve),
    /// Make an installation and print its root access key, once.
    Init(init::Init),
    /// Print the shell commands that point every AWS client at the running `serve --dev`.
    Env(env::Env),
    /// Ask whether a principal may do something. Exit code 0: allowed, 1: denied, 2: depends on context not given.
    Can(can::Can),
    /// Explain a decision.
    Why(why::Why),
    /// Try what would be allowed, with other policies. Exit code 0: all of it, 1: not all.
    Simulate(simulate::Simulate),
    /// Check policies in files. Exit code 1: errors or security warnings, 2: a file cannot be read.
    Lint(lint::Lint),
    /// Bring policies in files into their canonical form. Exit code 1: not formatted (--check), 2: cannot be read.
    Fmt(fmt::Fmt),
    /// Watch what was done.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Administer accounts.
    #[command(subcommand)]
    Account(account::Command),
    /// Administer role templates, of which AcquireRole makes roles.
    #[command(subcommand)]
    RoleTemplate(role_template::Command),
    /// Hardware tokens, whose seeds AWS's IAM API cannot be told.
    #[command(subcommand)]
    Mfa(mfa::Command),
    /// Make an account what a file of `aws iam get-account-authorization-details` says.
    Import(import::Import),
    /// The AWS-managed policies of an installation.
    #[command(subcommand)]
    Catalogue(catalogue::Command),
}

fn main() -> ExitCode {
    let ended = match Command::parse().verb {
        Verb::Serve(serve) => serve.run(),
        Verb::Init(init) => init.run(),
        Verb::Env(env) => env.run(),
        Verb::Can(can) => can.run(),
        Verb::Why(why) => why.run(),
        Verb::Simulate(simulate) => simulate.run(),
        Verb::Lint(lint) => lint.run(),
        Verb::Fmt(fmt) => fmt.run(),
        Verb::Audit(audit) => audit.run(),
        Verb::Account(account) => account.run(),
        Verb::RoleTemplate(template) => template.run(),
        Verb::Mfa(mfa) => mfa.run(),
        Verb::Import(import) => import.run(),
        Verb::Catalogue(catalogue) => catalogue.run(),
    };
    ended.unwrap_or_else(|failure| {
        eprintln!("doorward: {failure}");
        ExitCode::FAILURE
    })
}

/// The end of a verb that did what it was asked to.
fn done() -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
