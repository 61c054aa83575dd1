//! Condition operators by name (User Guide, "IAM JSON policy elements: Condition operators").

/// `[ForAllValues:|ForAnyValue:]Base[IfExists]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// The set operator, if any.
    pub set: Option<SetOperator>,
    /// What is compared and how.
    pub base: Base,
    /// Whether a missing key makes the condition true.
    pub if_exists: bool,
}

/// How a multivalued key's values are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetOperator {
    /// Every value of the request must match.
    ForAllValues,
    /// At least one value of the request must match.
    ForAnyValue,
}

macro_rules! bases {
    ($($name:ident),* $(,)?) => {
        /// The operators proper; the variants are AWS's names.
        #[allow(missing_docs, reason = "the names are the documentation: AWS's own")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Base { $($name),* }

        impl Base {
            /// All operators.
            pub const ALL: &'static [Base] = &[$(Base::$name),*];

            /// AWS's name.
            pub fn name(self) -> &'static str {
                match self { $(Base::$name => stringify!($name)),* }
            }
        }
    };
}

bases! {
    StringEquals, StringNotEquals, StringEqualsIgnoreCase, StringNotEqualsIgnoreCase, StringLike, StringNotLike,
    NumericEquals, NumericNotEquals, NumericLessThan, NumericLessThanEquals, NumericGreaterThan,
    NumericGreaterThanEquals, DateEquals, DateNotEquals, DateLessThan, DateLessThanEquals, DateGreaterThan,
    DateGreaterThanEquals, Bool, BinaryEquals, IpAddress, NotIpAddress, ArnEquals, ArnLike, ArnNotEquals, ArnNotLike,
    Null,
}

impl Operator {
    /// Parses an operator's name. Case-sensitive; unknown names and `NullIfExists` are none.
    pub fn parse(name: &str) -> Option<Operator> {
        let (set, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(SetOperator::ForAllValues), rest),
            Some(("ForAnyValue", rest)) => (Some(SetOperator::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let base = Base::ALL.iter().copied().find(|known| known.name() == base)?;
        if base == Base::Null && if_exists {
            return None;
        }
        Some(Operator { set, base, if_exists })
    }
}
