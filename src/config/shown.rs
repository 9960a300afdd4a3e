//! The settings as people read them.

use super::SETTINGS;

/// The settings as lines for `--help`.
pub fn help() -> String {
    let mut text = String::from("Settings (environment variables, all optional):\n");
    for setting in SETTINGS {
        let default = if setting.default.is_empty() { "not set" } else { setting.default };
        text += &format!("  {:<24} {} [default: {default}]\n", setting.name, setting.what);
    }
    text
}

/// The settings as the Markdown table of the README.
pub fn markdown() -> String {
    let mut text = String::from("| setting | default | what it does |\n|---|---|---|\n");
    for setting in SETTINGS {
        let default =
            if setting.default.is_empty() { "not set".to_owned() } else { format!("`{}`", setting.default) };
        text += &format!("| `{}` | {default} | {} |\n", setting.name, setting.what);
    }
    text
}
