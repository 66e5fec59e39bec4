package dev.longwave.server.http;

/** Carries a problem to the error handler, which answers with it. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        // Without the stack: clients cause these, and may cause many.
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    /** {@return what to answer} */
    public Problem problem() {
        return problem;
    }
}
