//! What stands against loading the demo.

use crate::{app::StartError, store::StoreError};

/// Why the demo was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The script is refused by the method: a defect.
    #[error("the demo could not be entered: {0}")]
    Script(String),
    /// The database holds other data.
    #[error(
        "this database holds data that is not the demo; --demo takes an empty one (another DATA_DIR or DATABASE_URL); nothing was changed"
    )]
    OtherData,
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl From<DemoError> for StartError {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Store(error) => StartError::Store(error),
            DemoError::Script(_) | DemoError::OtherData => StartError::Refused(error.to_string()),
        }
    }
}
