import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/** okhttp-sse reads a stream; reconnecting is up to its user. */
final class OkHttpSse {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static volatile String lastEventId = "";

    public static void main(String[] arguments) throws InterruptedException {
        var client = new OkHttpClient.Builder().readTimeout(Duration.ofMinutes(1)).build();
        while (true) {
            var request = new Request.Builder().url(arguments[0]);
            if (!lastEventId.isEmpty()) {
                request.header("Last-Event-ID", lastEventId);
            }
            var over = new CountDownLatch(1);
            EventSources.createFactory(client).newEventSource(request.build(), listener(over));
            over.await();
            Thread.sleep(PAUSE);
        }
    }

    private static EventSourceListener listener(CountDownLatch over) {
        return new EventSourceListener() {
            @Override
            public void onOpen(EventSource source, Response response) {
                System.out.println("open");
            }

            @Override
            public void onEvent(EventSource source, String id, String type, String data) {
                lastEventId = id == null ? lastEventId : id;
                Received.event(type, data);
            }

            @Override
            public void onClosed(EventSource source) {
                over.countDown();
            }

            @Override
            public void onFailure(EventSource source, Throwable failure, Response response) {
                System.out.println("error " + failure);
                over.countDown();
            }
        };
    }
}
