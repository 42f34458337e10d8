//! How a model is talked to, put together from what is known of it: the configuration goes before
//! the model's own values, those before its family's; the rest is its card's. Chosen once, when a
//! session starts.

use super::ranking::{self, Family};
use crate::engine::card::Advice;
use crate::engine::manner::{Manner, Tuning};
use crate::engine::protocol::Protocol;
use crate::engine::settings::{ModelSettings, ThinkSetting};
use crate::error::Result;
use crate::ollama::Shown;

/// Instead of a temperature of 0 that nobody asked for, where the family says nothing better.
const NOT_GREEDY: f64 = 0.7;

/// What is known of a model besides its name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known<'a> {
    /// What the server says of it; none if it was not asked.
    pub shown: Option<&'a Shown>,
    /// What its card advises.
    pub advice: Option<Advice>,
}

/// How that model is talked to.
pub(super) fn manner(name: &str, settings: &ModelSettings, known: Known<'_>) -> Result<Manner> {
    let families = ranking::families()?;
    let family = ranking::family(&families, name).map(|(_, family)| family);
    let advice = known.advice.unwrap_or_default();
    let think = think(settings, family, known.shown);
    Ok(Manner {
        think,
        tuning: tuning(settings, family, known.shown, think),
        tools: match known.shown {
            // A server that knows better than a guess by name says so at the first request.
            Some(shown) if !shown.can("tools") => Protocol::Text,
            _ => advice.tools,
        },
        edits: advice.edits,
        answer: advice.answer,
        patience: advice.patience,
    })
}

fn think(settings: &ModelSettings, family: Option<&Family>, shown: Option<&Shown>) -> ThinkSetting {
    let cannot = shown.is_some_and(|shown| !shown.can("thinking"));
    let suits = match family {
        Some(family) if !cannot => family.think,
        _ => ThinkSetting::Off,
    };
    settings.think.or(suits)
}

fn tuning(
    settings: &ModelSettings,
    family: Option<&Family>,
    shown: Option<&Shown>,
    think: ThinkSetting,
) -> Tuning {
    let own = |name: &str| shown?.parameter(name)?.parse::<f64>().ok(); // silent-ok: not a number
    let has_own = Tuning::NAMES.iter().any(|name| own(name).is_some());
    let is_greedy = own("temperature") == Some(0.0);
    let advised = family.map_or_else(Tuning::default, |family| match family.sampling_thinking {
        Some(thinking) if think != ThinkSetting::Off => thinking,
        _ => family.sampling,
    });
    // Values were chosen to go together: the model's own are not mixed with its family's.
    let mut tuning = if has_own && !is_greedy {
        Tuning::default()
    } else {
        advised
    };
    if is_greedy {
        tuning.temperature.get_or_insert(NOT_GREEDY);
    }
    tuning.temperature = settings.temperature.or(tuning.temperature);
    tuning
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(capabilities: &[&str], parameters: &str) -> Shown {
        serde_json::from_value(json!({"capabilities": capabilities, "parameters": parameters}))
            .unwrap()
    }

    #[track_caller]
    fn check(name: &str, settings: &ModelSettings, shown: &Shown, think: ThinkSetting, sent: &str) {
        let known = Known {
            shown: Some(shown),
            advice: None,
        };
        let manner = manner(name, settings, known).unwrap();
        assert_eq!(manner.think, think, "{name}");
        assert_eq!(
            serde_json::to_string(&manner.tuning).unwrap(),
            sent,
            "{name}"
        );
    }

    #[test]
    fn each_family_has_its_own_thinking_and_sampling() {
        let (can, auto) = (shown(&["tools", "thinking"], ""), ModelSettings::default());
        let qwen = r#"{"temperature":0.7,"top_p":0.8,"top_k":20}"#;
        check("qwen3:8b", &auto, &can, ThinkSetting::Off, qwen);
        check("qwen3.6:27b", &auto, &can, ThinkSetting::Off, qwen);
        check(
            "qwen3-coder:30b",
            &auto,
            &can,
            ThinkSetting::Off,
            r#"{"temperature":0.7,"top_p":0.8,"top_k":20,"repeat_penalty":1.05}"#,
        );
        check(
            "gpt-oss:20b",
            &auto,
            &can,
            ThinkSetting::Medium,
            r#"{"temperature":1.0,"top_p":1.0}"#,
        );
        check(
            "deepseek-r1:14b",
            &auto,
            &can,
            ThinkSetting::On,
            r#"{"temperature":0.6,"top_p":0.95}"#,
        );
        check("granite4:7b", &auto, &can, ThinkSetting::Off, "{}");
        check("tiny", &auto, &can, ThinkSetting::Off, "{}");
    }

    #[test]
    fn a_model_that_cannot_think_is_not_asked_to() {
        let mute = shown(&["tools"], "");
        let sent = r#"{"temperature":1.0,"top_p":1.0}"#;
        let auto = ModelSettings::default();
        check("gpt-oss:20b", &auto, &mute, ThinkSetting::Off, sent);
    }

    #[test]
    fn the_configuration_wins_even_with_zero() {
        let said = ModelSettings {
            temperature: Some(0.0),
            think: ThinkSetting::On,
            ..ModelSettings::default()
        };
        let can = shown(&["thinking"], "temperature 0.3");
        check(
            "tiny",
            &said,
            &can,
            ThinkSetting::On,
            r#"{"temperature":0.0}"#,
        );
        let can = shown(&["thinking"], "");
        let sent = r#"{"temperature":0.0,"top_p":0.95,"top_k":20}"#;
        check("qwen3:8b", &said, &can, ThinkSetting::On, sent);
        let off = ModelSettings {
            think: ThinkSetting::Off,
            ..ModelSettings::default()
        };
        let sent = r#"{"temperature":1.0,"top_p":1.0}"#;
        check("gpt-oss:20b", &off, &can, ThinkSetting::Off, sent);
    }

    #[test]
    fn a_models_own_values_stay_unless_they_are_greedy() {
        let auto = ModelSettings::default();
        let own = shown(&[], "stop    \"</x>\"\ntop_k   40\ntemperature  0.2");
        check("qwen3:8b", &auto, &own, ThinkSetting::Off, "{}");
        let greedy = shown(&[], "temperature                    0");
        let qwen = r#"{"temperature":0.7,"top_p":0.8,"top_k":20}"#;
        check("qwen3:8b", &auto, &greedy, ThinkSetting::Off, qwen);
        check(
            "granite4:7b",
            &auto,
            &greedy,
            ThinkSetting::Off,
            r#"{"temperature":0.7}"#,
        );
        let stop = shown(&[], "num_ctx 2048\nstop \"x\"");
        check("qwen3:8b", &auto, &stop, ThinkSetting::Off, qwen);
    }
}
