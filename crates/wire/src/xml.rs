//! Writing XML. Element names come from models only; text is escaped.

/// A document under construction.
pub(crate) struct Writer(String);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(String::new())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    pub(crate) fn root(&mut self, name: &str, namespace: Option<&str>, content: impl FnOnce(&mut Self)) {
        match namespace {
            Some(namespace) => {
                self.0 += &format!("<{name} xmlns=\"");
                self.escape(namespace);
                self.0 += "\">";
                content(self);
                self.0 += &format!("</{name}>");
            }
            None => self.element(name, content),
        }
    }

    /// An element; without content it is written `<Name/>`.
    pub(crate) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        let start = self.0.len();
        self.0 += &format!("<{name}>");
        let empty = self.0.len();
        content(self);
        if self.0.len() == empty {
            self.0.truncate(start);
            self.0 += &format!("<{name}/>");
        } else {
            self.0 += &format!("</{name}>");
        }
    }

    /// An element that holds text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.escape(text));
    }

    /// Text so that a parser gives back exactly it: what XML would normalise is written as a character reference, and
    /// what XML 1.0 cannot hold at all becomes U+FFFD.
    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0 += "&amp;",
                '<' => self.0 += "&lt;",
                '>' => self.0 += "&gt;",
                '"' => self.0 += "&quot;",
                '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' => self.0 += &format!("&#{};", u32::from(character)),
                '\0'..'\u{20}' | '\u{FFFE}' | '\u{FFFF}' => self.0.push('\u{FFFD}'),
                _ => self.0.push(character),
            }
        }
    }
}
