//! What a request does to its connection: it keeps it busy until the answer is gone; a body in pieces of which something
//! was left unread ends it, and so does every answer of a service that stops.
//!
//! The HTTP library drains a chunked body that its reader has dropped, for as long as pieces come. One that still has a
//! reader when the answer goes out makes it close the connection, a second after the answer. So we hold the body until
//! then, whoever has read of it.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::{InternalError, PayloadError},
    http::{ConnectionType, header},
    middleware::Next,
    web::{self, Bytes},
};
use futures_util::Stream;

use crate::{
    api::connections::{Busy, Seat},
    app::App,
};

/// The layer around all others.
pub async fn keep(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let held = Held {
        _body: in_pieces(&request).then(|| share_body(&mut request)),
        _busy: request.conn_data::<Seat>().map(Seat::request),
    };
    let app = request.app_data::<web::Data<App>>().cloned();
    match next.call(request).await {
        Ok(mut response) => {
            give_up(response.response_mut(), app);
            Ok(response.map_into_boxed_body().map_body(|_, body| BoxBody::new(Answer { body, _held: held })))
        }
        Err(error) => {
            let mut response: HttpResponse = error.error_response();
            give_up(&mut response, app);
            let response = response.map_body(|_, body| BoxBody::new(Answer { body, _held: held }));
            Err(InternalError::from_response("answered", response).into())
        }
    }
}

/// While the service stops, whoever kept this connection is to come back on another, to an instance that stays.
fn give_up<B>(response: &mut HttpResponse<B>, app: Option<web::Data<App>>) {
    if app.is_some_and(|app| !app.is_ready()) {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
}

fn in_pieces(request: &ServiceRequest) -> bool {
    request.headers().contains_key(header::TRANSFER_ENCODING)
}

/// What a connection is held by while an answer is under way.
struct Held {
    _body: Option<SharedBody>,
    _busy: Option<Busy>,
}

type SharedBody = Rc<RefCell<Payload>>;

/// Leaves the request a body that reads from the one we keep.
fn share_body(request: &mut ServiceRequest) -> SharedBody {
    let body: SharedBody = Rc::new(RefCell::new(request.take_payload()));
    request.set_payload(Payload::Stream { payload: Box::pin(Reader(body.clone())) });
    body
}

struct Reader(SharedBody);

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

/// The body of an answer, and what must not go before it.
struct Answer {
    body: BoxBody,
    _held: Held,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
