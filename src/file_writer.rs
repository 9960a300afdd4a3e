//! The one thread that writes files: workbooks and tables.
//!
//! A workbook takes some megabytes while it is written. The allocator keeps what was freed for the thread that had
//! taken it, so that a pool of threads ends up with many such heaps. With one thread there is one, used again for every
//! file; and however many files are asked for, the other cores stay free for other requests.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::mpsc,
    thread,
};

use tokio::sync::oneshot;

/// Files that may wait to be written.
const WAITING: usize = 64;

type Work = Box<dyn FnOnce() + Send>;

/// The way to the thread, which ends with it.
pub struct FileWriter(mpsc::SyncSender<Work>);

impl FileWriter {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start() -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel::<Work>(WAITING);
        let work = move || receiver.iter().for_each(|work| work());
        thread::Builder::new().name("file_writer".to_owned()).spawn(work)?;
        Ok(FileWriter(sender))
    }

    /// Does the work on the thread; `None` when too many are waiting. A panic goes on in the caller.
    pub async fn write<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (sender, receiver) = oneshot::channel();
        // What is logged meanwhile belongs to the request that asked for the file.
        let span = tracing::Span::current();
        let work = move || {
            let _inside = span.enter();
            if sender.is_closed() {
                return;
            }
            let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
        };
        self.0.try_send(Box::new(work)).ok()?;
        match receiver.await {
            Ok(Ok(written)) => Some(written),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => None,
        }
    }
}
