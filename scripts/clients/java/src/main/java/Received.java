import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** What the programs have in common: one line for each event that the library hands over. */
final class Received {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Received() {}

    /** Prints the number in the event's data, as a program that expects JSON would read it. */
    static void event(String type, String data) {
        if ("gap".equals(type)) {
            System.out.println("gap " + data);
            return;
        }
        try {
            JsonNode number = JSON.readTree(data).path("n");
            if (number.isInt()) {
                System.out.println("event " + number);
                return;
            }
        } catch (JsonProcessingException _) {
            // No JSON.
        }
        System.out.println("phantom type=" + type + " data=" + data);
    }
}
