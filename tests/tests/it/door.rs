//! The service's web face under strain: who says nothing keeps nobody out, and who does not know the
//! secret learns nothing.

use std::time::Duration;

use ingestd_tests::{SECRET, on_each_engine_called_back, post, raw};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_silent_connections_keep_nobody_out() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service();
        let web = world.web_of(&service).await;
        let mut silent = Vec::new();
        for _ in 0..600 {
            silent.push(TcpStream::connect(web).await.unwrap());
        }
        let health = raw(
            web,
            b"GET /health HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n",
        )
        .await;
        assert_eq!(health.status, 200, "{health:?}");
        let path = format!("/callbacks/school/{SECRET}/processed");
        let told = post(web, &path, &[], b"{}").await;
        assert_eq!(told.status, 200, "{told:?}");
        for answer in [health, told] {
            // Far less than the ten seconds that a silent connection may last.
            assert!(answer.took < Duration::from_secs(5), "{answer:?}");
        }
        drop(silent);
        assert_eq!(service.stop().await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_no_place_whatever_the_method() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service();
        let web = world.web_of(&service).await;
        let mut found = Vec::new();
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "POST"] {
            for secret in ["wrong", SECRET] {
                let call = format!(
                    "{method} /callbacks/school/{secret}/processed HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
                );
                found.push((method, secret == SECRET, raw(web, call.as_bytes()).await.status));
            }
        }
        for (method, knows, status) in found {
            let expected = match (knows, method) {
                (false, _) => 404,
                (true, "POST") => 200,
                (true, _) => 405,
            };
            assert_eq!(status, expected, "{method}, secret known: {knows}");
        }
        assert_eq!(service.stop().await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_was_taken_away_opens_nothing_any_more() {
    on_each_engine_called_back(async |world| {
        let service = world.start_service();
        let web = world.web_of(&service).await;
        let path = format!("/callbacks/school/{SECRET}/processed");
        let status = async || post(web, &path, &[], b"{}").await.status;
        assert_eq!(status().await, 200);
        std::fs::remove_file(world.folder().join("school.callback")).unwrap();
        world
            .wait_until("the door is shut", async || status().await == 404)
            .await;
        let said = |log: &str| log.matches("the door is shut").count();
        assert_eq!(said(&service.log()), 1, "{}", service.log());
        world.write("school.callback", SECRET);
        world
            .wait_until("the door is open again", async || status().await == 200)
            .await;
        assert_eq!(service.stop().await, 0);
    })
    .await;
}
