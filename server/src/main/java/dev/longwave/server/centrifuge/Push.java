package dev.longwave.server.centrifuge;

/** What a client is told without having asked. */
final class Push {

    private static final int MARGIN_BYTES = 64;

    private Push() {}

    /** {@return the beginning of a push for a channel, to which a member and two braces go} */
    static JsonBytes to(String channel, int length) {
        return new JsonBytes(length + channel.length() + MARGIN_BYTES)
                .raw("{\"push\":{\"channel\":")
                .string(channel);
    }

    /** The client is not subscribed any more. With a code from 2500 on it subscribes again. */
    static byte[] unsubscribe(String channel, Unsubscription why) {
        return to(channel, 0)
                .raw(",\"unsubscribe\":{\"code\":")
                .number(why.code())
                .raw(",\"reason\":")
                .string(why.reason())
                .raw("}}}")
                .toArray();
    }

    /** The connection ends. For transports that have no code of their own for it. */
    static byte[] disconnect(Disconnect why) {
        return new JsonBytes(MARGIN_BYTES)
                .raw("{\"push\":{\"disconnect\":{\"code\":")
                .number(why.code())
                .raw(",\"reason\":")
                .string(why.reason())
                .raw("}}}")
                .toArray();
    }

    /**
     * Somebody joined or left.
     *
     * @param event {@code join} or {@code leave}
     */
    static byte[] member(String channel, String event, Members.Member member) {
        JsonBytes json = to(channel, 0).raw(",\"" + event + "\":{\"info\":");
        member.addTo(json);
        return json.raw("}}}").toArray();
    }
}
