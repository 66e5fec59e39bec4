package dev.longwave.server.net;

/** Thrown to a handler that reads a request's body, where the body turns out to be faulty. */
public final class RequestFaultException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient RequestFault fault;

    public RequestFaultException(RequestFault fault) {
        super(fault.detail());
        this.fault = fault;
    }

    /** {@return what to answer; the connection, or the stream, ends with it} */
    public RequestFault fault() {
        return fault;
    }

    /** Without the stack: clients cause these, and may cause many. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it does nothing
    public Throwable fillInStackTrace() {
        return this;
    }
}
