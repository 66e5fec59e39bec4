import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StartedEvent;
import com.launchdarkly.eventsource.StreamEvent;
import java.net.URI;

/** LaunchDarkly's okhttp-eventsource reconnects by itself, with this error strategy. */
final class OkHttpEventSource {

    public static void main(String[] arguments) {
        var builder =
                new EventSource.Builder(URI.create(arguments[0]))
                        .errorStrategy(ErrorStrategy.alwaysContinue());
        try (EventSource source = builder.build()) {
            for (StreamEvent event : source.anyEvents()) {
                if (event instanceof StartedEvent) {
                    System.out.println("open");
                } else if (event instanceof MessageEvent message) {
                    Received.event(message.getEventName(), message.getData());
                }
            }
        }
    }
}
