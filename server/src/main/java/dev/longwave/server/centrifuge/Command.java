package dev.longwave.server.centrifuge;

import java.util.Map;

/**
 * What a client asks for.
 *
 * @param id names its reply; 0 for none
 * @param method what to do; empty text for nothing, which is the answer to a ping
 * @param parameters what the method needs
 */
record Command(long id, String method, Map<String, JsonSlice> parameters) {

    private static final int MAX_MEMBERS = 32;

    Command {
        parameters = Map.copyOf(parameters);
    }

    /**
     * {@return the command that {@code json} is}
     *
     * @throws DisconnectException if it is none
     */
    static Command parse(byte[] text, int from, int to) {
        try {
            Map<String, JsonSlice> members =
                    JsonSlice.parse(text, from, to)
                            .orElseThrow(Disconnect.BAD_REQUEST::exception)
                            .members(MAX_MEMBERS);
            JsonSlice id = members.remove("id");
            long number = id == null ? 0 : id.number();
            members.values().removeIf(JsonSlice::isNull);
            if (members.isEmpty()) {
                return new Command(number, "", Map.of());
            }
            Map.Entry<String, JsonSlice> method = members.entrySet().iterator().next();
            Map<String, JsonSlice> parameters = method.getValue().members(MAX_MEMBERS);
            parameters.values().removeIf(JsonSlice::isNull);
            return new Command(number, method.getKey(), parameters);
        } catch (IllegalArgumentException _) {
            throw Disconnect.BAD_REQUEST.exception();
        }
    }

    /** {@return whether the parameter is there} */
    boolean has(String name) {
        return parameters.containsKey(name);
    }

    /** {@return a parameter that is text; empty text if it is missing} */
    String text(String name) {
        JsonSlice value = parameters.get(name);
        return value == null ? "" : value.text();
    }

    /** {@return a parameter that is a whole number; 0 if it is missing} */
    long number(String name) {
        JsonSlice value = parameters.get(name);
        return value == null ? 0 : value.number();
    }

    /** {@return a parameter that is true or false; false if it is missing} */
    boolean flag(String name) {
        JsonSlice value = parameters.get(name);
        return value != null && value.flag();
    }

    /** {@return the members of a parameter that is an object; none if it is missing} */
    Map<String, JsonSlice> object(String name, int maxMembers) {
        JsonSlice value = parameters.get(name);
        return value == null ? Map.of() : value.members(maxMembers);
    }

    /** {@return the beginning of the reply, to which a value and a brace go} */
    JsonBytes reply(int length) {
        return new JsonBytes(length + 64)
                .raw("{\"id\":")
                .number(id)
                .raw(",")
                .string(method)
                .raw(":");
    }

    /** {@return the reply that says no more than that it was done} */
    byte[] done() {
        return reply(0).raw("{}}").toArray();
    }
}
