//! botocore's models without their prose.

use std::ffi::OsStr;

use serde_json::{Map, Value};

use crate::run::{self, Result};

const VERSION: &str = "1.44.5";
const SHA256: &str = "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921";

/// What is kept of a model, wherever in it the key stands. Everything else is prose or of no use to a server.
const KEPT: &[&str] = &[
    "apiVersion",
    "authtype",
    "code",
    "document",
    "endpointPrefix",
    "enum",
    "error",
    "errors",
    "exception",
    "fault",
    "flattened",
    "http",
    "httpStatusCode",
    "input",
    "input_token",
    "key",
    "limit_key",
    "location",
    "locationName",
    "max",
    "member",
    "members",
    "method",
    "min",
    "more_results",
    "output",
    "output_token",
    "pagination",
    "pattern",
    "payload",
    "protocol",
    "requestUri",
    "required",
    "responseCode",
    "resultWrapper",
    "result_key",
    "sensitive",
    "serviceId",
    "shape",
    "signingName",
    "targetPrefix",
    "timestampFormat",
    "type",
    "union",
    "value",
    "xmlNamespace",
];

/// Where AWS does otherwise than its model says: service, place in the model, and what is true.
const CORRECTIONS: &[(&str, &str, &str)] = &[
    // The model names the value PermissionsBoundaryPolicy; what comes over the wire is Policy, as the prose beside it says.
    ("iam", "/shapes/PermissionsBoundaryAttachmentType/enum", r#"["Policy"]"#),
    // A session token is half of a credential, and the model does not mark it.
    ("sts", "/shapes/tokenType/sensitive", "true"),
    // One-time codes are good for a while, and when they are refused, they may still be unused.
    ("iam", "/shapes/authenticationCodeType/sensitive", "true"),
    ("sts", "/shapes/tokenCodeType/sensitive", "true"),
];

/// Reads models and paginators out of a wheel, after checking the wheel's hash.
const READ_WHEEL: &str = r#"
import gzip, hashlib, json, sys, zipfile
wheel, sha256, *services = sys.argv[1:]
if hashlib.sha256(open(wheel, "rb").read()).hexdigest() != sha256:
    sys.exit(wheel + ": wrong SHA-256")
files = zipfile.ZipFile(wheel)
found = {}
for service in services:
    folder = "botocore/data/" + service + "/"
    version = max(name[len(folder):].split("/")[0] for name in files.namelist() if name.startswith(folder))
    read = lambda name: json.loads(gzip.decompress(files.read(name)) if name.endswith(".gz") else files.read(name))
    named = lambda stem: [name for name in files.namelist() if name.startswith(folder + version + "/" + stem + ".json")]
    paginators = [read(name)["pagination"] for name in named("paginators-1")]
    found[service] = dict(read(named("service-2")[0]), pagination=paginators[0] if paginators else {})
json.dump(found, sys.stdout)
"#;

/// Facts of the services, by name, from the pinned botocore.
pub fn fetch(services: &[(&str, &str)]) -> Result<Vec<(String, String)>> {
    let wheel = run::wheel("botocore", VERSION)?;
    let mut arguments = vec![OsStr::new("-c"), READ_WHEEL.as_ref(), wheel.as_os_str(), SHA256.as_ref()];
    arguments.extend(services.iter().map(|(id, _)| OsStr::new(*id)));
    let models = run::output(run::command("python3", &arguments))?;
    let models: Map<String, Value> = serde_json::from_str(&models).map_err(|error| error.to_string())?;
    let facts = |(service, mut model): (String, Value)| {
        correct(&service, &mut model)?;
        Ok((service, compact(model)?))
    };
    models.into_iter().map(facts).collect()
}

fn correct(service: &str, model: &mut Value) -> Result {
    for (_, place, truth) in CORRECTIONS.iter().filter(|(of, _, _)| *of == service) {
        let (parent, name) = place.rsplit_once('/').ok_or("a correction needs a place")?;
        let parent = model.pointer_mut(parent).and_then(Value::as_object_mut);
        let parent = parent.ok_or_else(|| format!("{service} has no {place} to correct"))?;
        parent.insert(name.to_owned(), serde_json::from_str(truth).map_err(|error| error.to_string())?);
    }
    Ok(())
}

/// The facts of one model as text: sorted, one operation or shape a line.
fn compact(mut model: Value) -> Result<String> {
    let mut section = |name: &str| model.get_mut(name).and_then(Value::as_object_mut).map(std::mem::take);
    let metadata = section("metadata").ok_or("a model needs metadata")?;
    let mut operations = section("operations").ok_or("a model needs operations")?;
    let shapes = section("shapes").ok_or("a model needs shapes")?;
    for (name, pagination) in section("pagination").unwrap_or_default() {
        let operation = operations.get_mut(&name).ok_or_else(|| format!("no operation {name} to page"))?;
        operation.as_object_mut().ok_or("an operation is an object")?.insert("pagination".into(), pagination);
    }
    let metadata = prune(Value::Object(metadata));
    Ok(format!(
        "{{\n\"metadata\": {metadata},\n\"operations\": {{\n{}\n}},\n\"shapes\": {{\n{}\n}}\n}}\n",
        lines(operations),
        lines(shapes)
    ))
}

fn lines(section: Map<String, Value>) -> String {
    let mut lines: Vec<String> =
        section.into_iter().map(|(name, value)| format!("{}: {}", Value::String(name), prune(value))).collect();
    lines.sort();
    lines.join(",\n")
}

/// Keeps the kept keys at every level; the members of a structure are names, not keys.
fn prune(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .into_iter()
                .filter(|(key, _)| KEPT.contains(&key.as_str()))
                .map(|(key, value)| match (key.as_str(), value) {
                    ("members", Value::Object(members)) => {
                        let members = members.into_iter().map(|(name, member)| (name, prune(member))).collect();
                        (key, Value::Object(members))
                    }
                    (_, value) => (key, prune(value)),
                })
                .collect(),
        ),
        Value::Array(array) => Value::Array(array.into_iter().map(prune).collect()),
        scalar => scalar,
    }
}
