package io.culvert.client;

import java.io.IOException;
import java.util.List;

/** Keys of the API. As {@link Tunnels}. Thread-safe. */
public final class Keys {
    private final Api api;

    Keys(Api api) {
        this.api = api;
    }

    /** The caller's own, an operator's those of the project, an admin's all; newest first. */
    public List<Key> list() throws IOException {
        return api.get("keys").answer().list("keys", Key::read);
    }

    /** One of them. */
    public Key get(String id) throws IOException {
        return Key.read(api.get(path(id)).answer());
    }

    /** Makes one. */
    public Key.WithSecret create(NewKey key) throws IOException {
        return Key.WithSecret.read(api.post("keys").body(key.json()).answer());
    }

    /** Ends one, and those that were made with it, at once. */
    public void revoke(String id) throws IOException {
        api.delete(path(id)).done();
    }

    private static String path(String id) {
        return "keys/" + Query.segment(id);
    }
}
