package dev.longwave.server.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whom the deadlines cut, with injected time. */
@RoutingTest
final class RequestDeadlinesTest {

    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final AtomicLong NOW = new AtomicLong();
    private static final RequestDeadlines DEADLINES = new RequestDeadlines(DEADLINE, NOW::get);

    /** The handler waits at each step until the test takes it. */
    private static final SynchronousQueue<String> STEPS = new SynchronousQueue<>();

    private final DirectClient client;

    RequestDeadlinesTest(DirectClient client) {
        this.client = client;
    }

    @SetUpRoute
    static void routes(HttpRouting.Builder routing) {
        routing.addFilter(DEADLINES)
                .get("/steps", RequestDeadlinesTest::takeSteps)
                .get("/no-step", (_, response) -> response.send("done"));
    }

    private static void takeSteps(ServerRequest request, ServerResponse response) {
        try {
            STEPS.put("entered");
            STEPS.put("about to make progress");
            RequestDeadlines.progress(request);
            STEPS.put("made progress");
            STEPS.put("about to finish");
            response.send("done");
        } catch (InterruptedException _) {
            response.send("cut");
        }
    }

    @Test
    void cutsARequestWithoutProgress() throws InterruptedException {
        CompletableFuture<String> response = get("/steps");
        assertThat(STEPS.take()).isEqualTo("entered");

        elapse(DEADLINE.plusNanos(1));

        assertThat(response.join()).isEqualTo("cut");
    }

    @Test
    void sparesARequestThatMakesProgress() throws InterruptedException {
        CompletableFuture<String> response = get("/steps");
        assertThat(STEPS.take()).isEqualTo("entered");

        elapse(DEADLINE);
        assertThat(STEPS.take()).isEqualTo("about to make progress");
        assertThat(STEPS.take()).isEqualTo("made progress");
        elapse(DEADLINE);
        assertThat(STEPS.take()).isEqualTo("about to finish");

        assertThat(response.join()).isEqualTo("done");
    }

    @Test
    void sparesRequestsThatFollow() {
        assertThat(get("/no-step").join()).isEqualTo("done");

        elapse(DEADLINE.multipliedBy(2));

        assertThat(get("/no-step").join()).isEqualTo("done");
    }

    private static void elapse(Duration time) {
        NOW.addAndGet(time.toNanos());
        DEADLINES.enforce();
    }

    private CompletableFuture<String> get(String path) {
        return CompletableFuture.supplyAsync(() -> client.get(path).request(String.class).entity());
    }
}
