//! How an event stands in a line: `"event":"NAME"`, then what belongs to it. Owns that form and the
//! short way to read it: who knows the name beforehand need not read the rest twice. The derived
//! form, `{"NAME":{…}}`, never leaves this file.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{self, Serialize, Serializer};
use serde_json::{Map, Value, value};

use super::Event;

/// The key of an event's name.
const KEY: &str = "event";

/// An event in its derived form.
struct Named<T>(T);

impl Serialize for Named<&Event> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Event::serialize(self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Named<Event> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Event::deserialize(deserializer).map(Self)
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = Named(self).serialize(value::Serializer);
        let mut object = Map::new();
        if let Value::Object(named) = named.map_err(ser::Error::custom)? {
            for (name, fields) in named {
                object.insert(KEY.to_owned(), Value::String(name));
                if let Value::Object(fields) = fields {
                    object.extend(fields);
                }
            }
        }
        object.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::<String, Value>::deserialize(deserializer)?;
        let Some(Value::String(name)) = fields.shift_remove(KEY) else {
            return Err(D::Error::missing_field(KEY));
        };
        let named = Value::Object(Map::from_iter([(name, Value::Object(fields))]));
        let event = Named::<Self>::deserialize(named).map_err(D::Error::custom)?;
        Ok(event.0)
    }
}

impl Event {
    /// The end of a line: `"event":"NAME",…}`.
    pub fn written(&self) -> serde_json::Result<String> {
        let named = serde_json::to_string(&Named(self))?;
        let short = named.strip_prefix("{\"").and_then(|text| {
            let (name, fields) = text.split_once("\":{")?;
            let fields = fields.strip_suffix("}}")?;
            let comma = if fields.is_empty() { "" } else { "," };
            Some(format!("\"{KEY}\":\"{name}\"{comma}{fields}}}"))
        });
        short.ok_or_else(|| ser::Error::custom("an event is not an object"))
    }

    /// An event from the end of a line as it is written here; none if it is in any other form.
    pub fn read(text: &str) -> Option<serde_json::Result<Self>> {
        let (name, fields) = text.strip_prefix("\"event\":\"")?.split_once('"')?;
        let fields = match fields.strip_prefix(',') {
            Some(fields) => fields,
            None => Some(fields).filter(|fields| fields.starts_with('}'))?,
        };
        let named = ["{\"", name, "\":{", fields, "}"].concat();
        Some(serde_json::from_str::<Named<Self>>(&named).map(|event| event.0))
    }
}
