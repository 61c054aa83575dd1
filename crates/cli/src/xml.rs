//! Answers of AWS's query services, which are XML, as JSON.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// How deeply elements are nested, at most.
const DEPTH_MAX: usize = 64;

/// What is open while an answer is read.
#[derive(Default)]
struct Open {
    name: String,
    text: String,
    members: Vec<Value>,
    fields: Map<String, Value>,
}

impl Open {
    /// A list where the children are `member`s, an object where they are others, else the text.
    fn close(self) -> Value {
        if !self.members.is_empty() {
            return Value::Array(self.members);
        }
        if !self.fields.is_empty() {
            return Value::Object(self.fields);
        }
        Value::String(self.text)
    }
}

/// The root element's content; none where the text is no XML. Empty lists are empty texts: only a model could tell.
pub(crate) fn to_json(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(_) if open.len() == DEPTH_MAX => return None,
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                open.push(Open { name, ..Open::default() });
            }
            Event::Text(text) => {
                if let Some(open) = open.last_mut() {
                    open.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().ok()? {
                    Some(character) => character,
                    None => named(&reference)?,
                };
                open.last_mut()?.text.push(character);
            }
            Event::End(_) => {
                let closed = open.pop()?;
                let (name, value) = (closed.name.clone(), closed.close());
                match open.last_mut() {
                    None => return Some(value),
                    Some(parent) if name == "member" => parent.members.push(value),
                    Some(parent) => {
                        parent.fields.insert(name, value);
                    }
                }
            }
            Event::Decl(_) => {}
            _ => return None,
        }
    }
}

fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_read() {
        let text = "<A xmlns=\"x\"><R><L><member>1 &lt; &#50;</member><member><K>v</K></member></L><E/></R></A>";
        assert_eq!(to_json(text), Some(json!({"R": {"L": ["1 < 2", {"K": "v"}], "E": ""}})));
        for bad in ["", "x", "<a>", "<a></b>", "<!DOCTYPE a><a/>", "<a>&b;</a>"] {
            assert_eq!(to_json(bad), None, "{bad}");
        }
    }
}
