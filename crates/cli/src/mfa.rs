//! `doorward mfa`: hardware tokens, whose seeds AWS's IAM API cannot be told.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::api::{Api, Server, block_on};
use crate::client::encode;
use crate::failure::{Failure, Result};
use crate::output;

/// Tokens that one call imports: all of them or none.
const TOKENS_MAX: usize = 500;
/// The largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// What the first line may say.
const HEADER: &str = "serial,seed";

/// Verbs of `doorward mfa`.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Import the seeds of hardware tokens, so that EnableMFADevice knows them by their serial numbers.
    Import {
        /// CSV with a serial number and a seed in each line; `-` reads standard input
        file: String,
        /// How the seeds are written
        #[arg(long, value_name = "ENCODING", value_parser = ["base32", "hex"])]
        encoding: String,
        #[command(flatten)]
        api: Api,
    },
    /// List the tokens that were imported, and whose they are.
    List {
        #[command(flatten)]
        api: Api,
    },
    /// Forget a token that nobody uses, with its seed.
    Delete {
        /// The token's serial number
        serial: String,
        #[command(flatten)]
        api: Api,
    },
}

#[derive(Deserialize)]
struct Listed {
    devices: Vec<Device>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Device {
    serial_number: String,
    user_name: Option<String>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self {
            Command::Import { file, encoding, api } => import(&file, &encoding, &api)?,
            Command::List { api } => list(&api)?,
            Command::Delete { serial, api } => delete(&serial, &api)?,
        }
        crate::done()
    }
}

fn import(file: &str, encoding: &str, api: &Api) -> Result<()> {
    let text = read(file)?;
    let body =
        json!({ "devices": tokens(&text, encoding).map_err(|problem| Failure::new(format!("{file}: {problem}")))? });
    let server = api.server()?;
    let answer = ask(&server, Method::POST, "/v1/hardware-mfa-devices", "", Some(&body))?;
    if api.json {
        return output::print_json(&answer);
    }
    let imported = answer.get("imported").and_then(Value::as_u64).unwrap_or_default();
    output::print(&format!("imported {imported} hardware tokens\n"))
}

fn list(api: &Api) -> Result<()> {
    let server = api.server()?;
    let (mut query, mut all) = (String::new(), Vec::new());
    loop {
        let answer = ask(&server, Method::GET, "/v1/hardware-mfa-devices", &query, None)?;
        let page = answer.get("devices").and_then(Value::as_array).cloned().unwrap_or_default();
        let listed: Listed = serde_json::from_value(answer)?;
        all.extend(page.into_iter().zip(listed.devices));
        let Some(next) = listed.next else { break };
        query = format!("after={}", encode(&next));
    }
    if api.json {
        return output::print_json(
            &json!({ "devices": all.into_iter().map(|(device, _)| device).collect::<Vec<_>>() }),
        );
    }
    let line = |(_, device): &(Value, Device)| {
        let user = device.user_name.as_deref().unwrap_or("-");
        format!("{}  {user}\n", device.serial_number)
    };
    output::print(&output::safe(&all.iter().map(line).collect::<String>()))
}

fn delete(serial: &str, api: &Api) -> Result<()> {
    let server = api.server()?;
    ask(&server, Method::DELETE, &format!("/v1/hardware-mfa-devices/{}", encode(serial)), "", None)?;
    Ok(())
}

fn ask(server: &Server, method: Method, path: &str, query: &str, body: Option<&Value>) -> Result<Value> {
    block_on(async { Ok(server.client.json(method, path, query, body).await?) })
}

fn read(file: &str) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let read = match file {
        "-" => std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text),
        _ => File::open(file).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::of_path("read the seeds", Path::new(file), error))?;
    Ok(text)
}

/// The tokens of a CSV text. Seeds are in no message.
fn tokens(text: &str, encoding: &str) -> std::result::Result<Vec<Value>, String> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let is_header = |number: usize, line: &str| number == 1 && line.eq_ignore_ascii_case(HEADER);
    let lines = lines.filter(|(number, line)| !line.is_empty() && !is_header(*number, line));
    let mut tokens = Vec::new();
    for (number, line) in lines {
        let fields = line.split_once(',').map(|(serial, seed)| (serial.trim(), seed.trim()));
        let Some((serial, seed)) = fields.filter(|(serial, seed)| !serial.is_empty() && !seed.is_empty()) else {
            return Err(format!("line {number} is not SERIAL,SEED"));
        };
        if seed.contains([',', '"']) || serial.contains('"') {
            return Err(format!("line {number} has more than a serial number and a seed, or quotes"));
        }
        tokens.push(json!({ "serialNumber": serial, "seed": seed, "seedEncoding": encoding }));
    }
    match tokens.len() {
        0 => Err("there are no tokens in it".to_owned()),
        1..=TOKENS_MAX => Ok(tokens),
        _ => Err(format!("there are more than {TOKENS_MAX} tokens in it: split it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: std::result::Result<Value, &str>) {
        let told = tokens(text, "hex");
        assert_eq!(told.as_ref().map(|tokens| json!(tokens)).map_err(String::as_str), expect, "{text}");
    }

    #[test]
    fn files_hold_a_token_in_each_line() {
        let two = json!([
            {"serialNumber": "GAHT00000001", "seed": "31", "seedEncoding": "hex"},
            {"serialNumber": "GAHT00000002", "seed": "32", "seedEncoding": "hex"},
        ]);
        check("Serial,Seed\r\nGAHT00000001,31\r\n\r\n GAHT00000002 , 32\r\n", Ok(two.clone()));
        check("GAHT00000001,31\nGAHT00000002,32", Ok(two));
        check("", Err("there are no tokens in it"));
        check("GAHT00000001 31", Err("line 1 is not SERIAL,SEED"));
        check("GAHT00000001,", Err("line 1 is not SERIAL,SEED"));
        check("serial,seed\nGAHT00000001,31,30", Err("line 2 has more than a serial number and a seed, or quotes"));
        check("\"GAHT00000001\",31", Err("line 1 has more than a serial number and a seed, or quotes"));
        check(&"GAHT00000001,31\n".repeat(501), Err("there are more than 500 tokens in it: split it"));
    }
}
