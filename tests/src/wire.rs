//! The wire between the program and the hub, which breaks where a test says: after the n-th byte
//! of a call or of its answer.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::world::World;

/// Which way the bytes go that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The call, its head included.
    ToHub,
    /// The answer, its head included.
    FromHub,
}

/// What becomes of the wire then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is closed both ways.
    Closed,
    /// Nothing passes any more, and nobody is told.
    Silent,
}

/// One trouble of one `add-bulk` call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Which bytes are counted.
    pub way: Way,
    /// So many of them still pass.
    pub after: usize,
    /// And then.
    pub then: Then,
}

/// A wire that the world's one account calls through.
pub struct Wire {
    troubles: Arc<Mutex<VecDeque<Trouble>>>,
    happened: watch::Receiver<u64>,
}

impl Wire {
    /// Lays a wire to a world's hub; it works until trouble is asked for.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn to_hub_of(world: &World) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("there is a free port");
        let hub = world.hub().address().to_string();
        let here = listener.local_addr().expect("it is bound").to_string();
        let base_url = world.hub().base_url().replace(&hub, &here);
        world.set("base_url", &format!("{base_url:?}"));
        let troubles: Arc<Mutex<VecDeque<Trouble>>> = Arc::default();
        let (tell, happened) = watch::channel(0);
        let wire = Wire {
            troubles: Arc::clone(&troubles),
            happened,
        };
        let tell = Arc::new(tell);
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let (hub, troubles, tell) = (hub.clone(), Arc::clone(&troubles), Arc::clone(&tell));
                tokio::spawn(async move {
                    // Whoever hangs up has had what there was.
                    let _ = pass(caller, &hub, &troubles, &tell).await;
                });
            }
        });
        wire
    }

    /// The next `add-bulk` call that has none yet gets this trouble.
    pub fn breaks(&self, trouble: Trouble) {
        lock(&self.troubles).push_back(trouble);
    }

    /// Troubles that no call has had yet go away.
    pub fn mends(&self) {
        lock(&self.troubles).clear();
    }

    /// How many troubles have come to where the wire broke.
    pub fn broken(&self) -> u64 {
        *self.happened.borrow()
    }
}

fn lock(troubles: &Mutex<VecDeque<Trouble>>) -> std::sync::MutexGuard<'_, VecDeque<Trouble>> {
    troubles.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection. A call that writes comes on one of its own.
async fn pass(
    caller: TcpStream,
    hub: &str,
    troubles: &Mutex<VecDeque<Trouble>>,
    tell: &watch::Sender<u64>,
) -> io::Result<()> {
    let (mut from_caller, to_caller) = caller.into_split();
    let mut first = Vec::new();
    while !first.contains(&b'\n') {
        if from_caller.read_buf(&mut first).await? == 0 {
            return Ok(());
        }
    }
    let writes = String::from_utf8_lossy(&first)
        .lines()
        .next()
        .is_some_and(|line| line.contains("/add-bulk"));
    let trouble = match writes {
        true => lock(troubles).pop_front(),
        false => None,
    };
    let (from_hub, to_hub) = TcpStream::connect(hub).await?.into_split();
    let limit = |way| trouble.filter(|t| t.way == way).map(|t| t.after);
    let there = copy(first, from_caller, to_hub, limit(Way::ToHub));
    let back = copy(Vec::new(), from_hub, to_caller, limit(Way::FromHub));
    let (mut there, mut back) = (Box::pin(there), Box::pin(back));
    // The halves live in the two copies: what ends first is kept until the wire is.
    let broke = tokio::select! {
        end = &mut there => match end? {
            End::Reached => true,
            End::Over(_kept) => matches!(back.await?, End::Reached),
        },
        end = &mut back => match end? {
            End::Reached => true,
            End::Over(_kept) => matches!(there.await?, End::Reached),
        },
    };
    if let (true, Some(trouble)) = (broke, trouble) {
        tell.send_modify(|times| *times += 1);
        if trouble.then == Then::Silent {
            std::future::pending::<()>().await;
        }
    }
    Ok(())
}

enum End {
    /// The last byte that was to pass has passed.
    Reached,
    /// The other side said all it had to say.
    Over(OwnedWriteHalf),
}

async fn copy(
    mut bytes: Vec<u8>,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut left: Option<usize>,
) -> io::Result<End> {
    loop {
        // Of an answer not a byte may pass: but only once there is one.
        if !bytes.is_empty() {
            if let Some(left) = &mut left {
                bytes.truncate(*left);
                *left -= bytes.len();
            }
            to.write_all(&bytes).await?;
            bytes.clear();
            if left == Some(0) {
                to.flush().await?;
                return Ok(End::Reached);
            }
        }
        if from.read_buf(&mut bytes).await? == 0 {
            to.shutdown().await?;
            return Ok(End::Over(to));
        }
    }
}
