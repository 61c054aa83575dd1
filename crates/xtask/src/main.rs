//! `cargo xtask`: everything one does to this repository, each in one command.

#![forbid(unsafe_code)]

mod bench;
mod clients;
mod codegen;
mod managed;
mod run;
mod serve;
mod soak;
mod suite;
mod test;
mod tidy;

use std::process::ExitCode;

use run::Result;

const HELP: &str = "\
cargo xtask COMMAND

  serve [--debug] [ARGS…]   build doorward and run it in development mode; ARGS go to `doorward serve --dev`
  test [--fast] [FILTER]    set up what is missing and run every test; CI runs exactly this
                            --fast leaves out the real clients and the kill test
                            FILTER runs only the tests whose name contains it
  tidy                      check the rules of the house (also part of `test`)
  managed                   derive the AWS-managed policies, which builds after it carry (part of `serve` and `test`)
  codegen [--check]         write the API types anew from AWS's models; --check only compares
  bench [--json]            measure the budgets beside their baselines on this machine
  bench engine [--json]     measure decisions on the workloads, beside other policy engines
  soak [--cases N] [--seed S]
                            put random questions to the engine and to the second evaluator, 10^8 by default

`cargo xtask COMMAND --help` says the same.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "-h" | "--help", ..] => help(),
        // What follows `serve` belongs to the server, its own --help included.
        ["serve", rest @ ..] => serve::run(rest),
        [_, rest @ ..] if rest.iter().any(|word| matches!(*word, "-h" | "--help")) => help(),
        ["test", rest @ ..] => test::run(test::Options::parse(rest)?),
        ["tidy"] => tidy::run(),
        ["managed"] => managed::derive().map(|_| ()),
        ["codegen"] => codegen::run(false),
        ["codegen", "--check"] => codegen::run(true),
        ["bench"] => bench::run(false),
        ["bench", "--json"] => bench::run(true),
        ["bench", "engine"] => bench::engine(false),
        ["bench", "engine", "--json"] => bench::engine(true),
        ["soak", rest @ ..] => soak::run(rest),
        [command @ ("tidy" | "managed" | "codegen" | "bench"), rest @ ..] => {
            Err(format!("{command} does not know `{}`; see cargo xtask --help", rest.join(" ")))
        }
        [other, ..] => Err(format!("there is no command `{other}`; see cargo xtask --help")),
    }
}

fn help() -> Result {
    print!("{HELP}");
    Ok(())
}
