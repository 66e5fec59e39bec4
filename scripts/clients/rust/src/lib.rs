//! What the programs have in common: one line for each event that the library hands over.

/// Prints the number in the event's data, as a program that expects JSON would read it.
pub fn received(event_type: &str, data: &str) {
    if event_type == "gap" {
        println!("gap {data}");
        return;
    }
    match serde_json::from_str::<serde_json::Value>(data) {
        Ok(json) if json["n"].is_u64() => println!("event {}", json["n"]),
        _ => println!("phantom type={event_type:?} data={data:?}"),
    }
}
