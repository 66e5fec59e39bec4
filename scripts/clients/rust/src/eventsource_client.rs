use eventsource_client::{Client, ClientBuilder, SSE};
use futures::StreamExt;
use launchdarkly_sdk_transport::HyperTransport;
use longwave_clients::received;

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).expect("a URL");
    let client = ClientBuilder::for_url(&url)
        .expect("a valid URL")
        .build_with_transport(HyperTransport::new().expect("a transport"));
    let mut events = client.stream();
    while let Some(event) = events.next().await {
        match event {
            Ok(SSE::Connected(_)) => println!("open"),
            Ok(SSE::Event(event)) => received(&event.event_type, &event.data),
            Ok(SSE::Comment(_)) => {}
            Err(error) => println!("error {error}"), // It reconnects.
        }
    }
}
