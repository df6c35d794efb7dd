package io.culvert.client;

/** The server understood that it was asked, and refused; nothing is wrong with the connection. Immutable, any thread. */
public final class CulvertApiException extends RuntimeException {
    private final int status;
    private final String info;

    /**
     * @param status the HTTP status, 400 to 599
     * @param info the server's own words; empty where it gave none
     */
    public CulvertApiException(int status, String info) {
        super("refused with " + status + (info.isEmpty() ? "" : ": " + info));
        this.status = status;
        this.info = info;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }

    /** The server's own words; empty where it gave none. */
    public String info() {
        return info;
    }
}
