package dev.longwave.server.plugin;

/** The code of a plugin has failed, other than as the SPI says. */
public final class BrokenPluginException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient BrokenPlugin broken;

    BrokenPluginException(BrokenPlugin broken, Throwable cause) {
        super(broken.line(), cause);
        this.broken = broken;
    }

    /** {@return which plugin, and what failed} */
    public BrokenPlugin broken() {
        return broken;
    }
}
