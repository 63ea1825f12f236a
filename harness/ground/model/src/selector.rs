//! How a definition names arms: by what they are, not by their ids.

use crate::facts::{ArmFacts, ArmKind, Stack};
use crate::id::EngineName;
use serde::Deserialize;
use std::fmt;

/// The arms that a definition speaks of, by their facts. Every field that is
/// given must hold; one with several values holds for any of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArmSelector {
    /// What stands between a program and its neighbours.
    pub kind: OneOf<ArmKind>,
    /// Whose defects they show.
    pub engine: OneOf<EngineName>,
    /// What starts an instance.
    pub stack: OneOf<Stack>,
    /// What makes or interprets machine code.
    pub compiler: OneOf<String>,
}

impl ArmSelector {
    /// Whether it names nothing, and so would select every arm.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kind.0.is_empty()
            && self.engine.0.is_empty()
            && self.stack.0.is_empty()
            && self.compiler.0.is_empty()
    }

    /// Whether it selects an arm with these facts.
    #[must_use]
    pub fn selects(&self, facts: &ArmFacts) -> bool {
        self.kind.allows(&facts.kind)
            && self.engine.allows(&facts.engine)
            && self.stack.allows(&facts.stack)
            && match &facts.compiler {
                Some(compiler) => self.compiler.allows(compiler),
                None => self.compiler.0.is_empty(),
            }
    }
}

/// One value or a list of them; none allows everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOf<T>(pub Vec<T>);

impl<T> Default for OneOf<T> {
    fn default() -> Self {
        OneOf(Vec::new())
    }
}

impl<T: PartialEq> OneOf<T> {
    fn allows(&self, value: &T) -> bool {
        self.0.is_empty() || self.0.contains(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = OneOf<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a list of names")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OneOf<T>, E> {
                let value = T::deserialize(serde::de::value::StrDeserializer::new(text))?;
                Ok(OneOf(vec![value]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<OneOf<T>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                match values.is_empty() {
                    true => Err(serde::de::Error::custom("the list is empty")),
                    false => Ok(OneOf(values)),
                }
            }
        }
        deserializer.deserialize_any(Visitor(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::facts;

    fn selector(json: serde_json::Value) -> Result<ArmSelector, serde_json::Error> {
        serde_json::from_value(json)
    }

    #[test]
    fn every_field_of_a_selector_must_hold() {
        let selects = |json| selector(json).unwrap().selects(&facts());
        assert!(selects(serde_json::json!({ "kind": "container" })));
        assert!(selects(
            serde_json::json!({ "kind": ["sandboxed-container", "container"] })
        ));
        assert!(selects(
            serde_json::json!({ "engine": "crun", "stack": "runtime" })
        ));
        assert!(!selects(
            serde_json::json!({ "engine": "crun", "stack": "engine-api" })
        ));
        assert!(!selects(serde_json::json!({ "kind": "wasm-process" })));
        assert!(!selects(serde_json::json!({ "compiler": "winch" })));
    }

    #[test]
    fn a_selector_with_an_unknown_field_value_or_empty_list_is_refused() {
        for wrong in [
            serde_json::json!({ "engines": "crun" }),
            serde_json::json!({ "kind": "box" }),
            serde_json::json!({ "kind": [] }),
        ] {
            assert!(selector(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(selector(serde_json::json!({})).unwrap().is_empty());
    }
}
