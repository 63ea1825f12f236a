//! The connection to the daemon.

use std::path::Path;

use http::uri::PathAndQuery;
use prost::Message;
use tokio_stream::StreamExt as _;
use tonic::client::Grpc;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::args::ConnectOptions;
use crate::error::Error;
use crate::messages::{COMMIT, Empty, Named, WRITE, WriteContentRequest};

/// Under the 16 MiB that the daemon takes in one message.
const CHUNK: usize = 1 << 20;

/// A daemon, and the namespace in which things are asked of it.
#[derive(Clone)]
pub struct Api {
    grpc: Grpc<Channel>,
    namespace: MetadataValue<Ascii>,
    /// What is made is held by this lease until something else refers to it.
    lease: Option<MetadataValue<Ascii>>,
    pub snapshotter: String,
}

fn name(text: &str) -> Result<MetadataValue<Ascii>, Error> {
    text.parse().map_err(|_| Error::BadName(text.to_owned()))
}

/// Says what was asked when the daemon failed.
pub fn refused(doing: &'static str, what: &str) -> impl FnOnce(Status) -> Error + use<> {
    let what = what.to_owned();
    move |source| Error::Refused {
        doing,
        what,
        source: Box::new(source),
    }
}

/// What is not there has been removed.
pub fn gone(answer: Result<Empty, Status>) -> Result<(), Status> {
    match answer {
        Err(status) if status.code() == Code::NotFound => Ok(()),
        other => other.map(drop),
    }
}

impl Api {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(options: &ConnectOptions) -> Result<Api, Error> {
        let unreachable = |source| Error::Unreachable {
            socket: options.socket.clone(),
            source,
        };
        let endpoint = Endpoint::from_shared(uri(&options.socket)).map_err(unreachable)?;
        let channel = endpoint.connect().await.map_err(unreachable)?;
        Ok(Api {
            grpc: Grpc::new(channel),
            namespace: name(&options.namespace)?,
            lease: None,
            snapshotter: options.snapshotter.clone(),
        })
    }

    /// The same under a lease, which is made.
    ///
    /// # Errors
    /// When the daemon refuses.
    pub async fn leased(&self, id: &str) -> Result<Api, Error> {
        let lease = Named {
            name: id.to_owned(),
        };
        self.call::<_, Empty>("/containerd.services.leases.v1.Leases/Create", lease)
            .await
            .map_err(refused("make lease", id))?;
        Ok(Api {
            lease: Some(name(id)?),
            ..self.clone()
        })
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        metadata.insert("containerd-namespace", self.namespace.clone());
        if let Some(lease) = &self.lease {
            metadata.insert("containerd-lease", lease.clone());
        }
        request
    }

    async fn ready(&self) -> Result<Grpc<Channel>, Status> {
        let mut grpc = self.grpc.clone();
        let ready = grpc.ready().await;
        ready.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(grpc)
    }

    /// Asks once and is answered once. An answer that nobody needs can be read
    /// as [`Empty`].
    ///
    /// # Errors
    /// What the daemon said.
    pub async fn call<M, R>(&self, method: &'static str, message: M) -> Result<R, Status>
    where
        M: Message + 'static,
        R: Message + Default + 'static,
    {
        let path = PathAndQuery::from_static(method);
        let codec = ProstCodec::<M, R>::default();
        let mut grpc = self.ready().await?;
        let answer = grpc.unary(self.request(message), path, codec).await?;
        Ok(answer.into_inner())
    }

    /// Writes a blob with the labels by which it holds others.
    ///
    /// # Errors
    /// What the daemon said; a blob that is there already is none.
    pub async fn write(
        &self,
        digest: &str,
        data: &[u8],
        labels: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), Error> {
        let total = i64::try_from(data.len()).unwrap_or(i64::MAX);
        let mut offset = 0_i64;
        let mut requests: Vec<WriteContentRequest> = Vec::new();
        for chunk in data.chunks(CHUNK) {
            requests.push(WriteContentRequest {
                action: WRITE,
                reference: digest.to_owned(),
                total,
                offset,
                data: chunk.to_vec(),
                ..WriteContentRequest::default()
            });
            offset += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        }
        requests.push(WriteContentRequest {
            action: COMMIT,
            reference: digest.to_owned(),
            total,
            offset,
            expected: digest.to_owned(),
            labels: labels.into_iter().collect(),
            ..WriteContentRequest::default()
        });
        match self.send(requests).await {
            Err(status) if status.code() == Code::AlreadyExists => Ok(()),
            other => other.map_err(refused("store blob", digest)),
        }
    }

    async fn send(&self, requests: Vec<WriteContentRequest>) -> Result<(), Status> {
        let path = PathAndQuery::from_static("/containerd.services.content.v1.Content/Write");
        let codec = ProstCodec::<WriteContentRequest, Empty>::default();
        let mut grpc = self.ready().await?;
        let request = self.request(tokio_stream::iter(requests));
        let mut answers = grpc.streaming(request, path, codec).await?.into_inner();
        while let Some(answer) = answers.next().await {
            answer?;
        }
        Ok(())
    }
}

fn uri(socket: &Path) -> String {
    format!("unix://{}", socket.display())
}
