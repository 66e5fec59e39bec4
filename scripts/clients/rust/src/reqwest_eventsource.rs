use futures::StreamExt;
use longwave_clients::received;
use reqwest_eventsource::{Event, EventSource};

#[tokio::main]
async fn main() {
    let url = std::env::args().nth(1).expect("a URL");
    let mut source = EventSource::get(url);
    while let Some(event) = source.next().await {
        match event {
            Ok(Event::Open) => println!("open"),
            Ok(Event::Message(message)) => received(&message.event, &message.data),
            Err(error) => println!("error {error}"), // It reconnects.
        }
    }
}
