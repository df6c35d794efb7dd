package io.culvert.control.event;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last events, oldest first, in constant memory. One thread at a time. */
final class EventRing {
    private final @Nullable Event[] slots;
    private int first;
    private int size;

    EventRing(int kept) {
        if (kept < 1) {
            throw new IllegalArgumentException("kept: " + kept + " (expected: at least 1)");
        }
        this.slots = new Event[kept];
    }

    /** Adds the newest; the oldest goes where there is no room. */
    void add(Event event) {
        if (size == slots.length) {
            slots[first] = event;
            first = (first + 1) % slots.length;
        } else {
            slots[(first + size) % slots.length] = event;
            size++;
        }
    }

    /** Those whose number is larger than this one, at most so many. */
    List<Event> after(long id, int most) {
        int from = 0;
        int to = size;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (at(middle).id() <= id) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        List<Event> found = new ArrayList<>(Math.min(most, size - from));
        for (int i = from; i < size && found.size() < most; i++) {
            found.add(at(i));
        }
        return found;
    }

    /** The number of the oldest; 0 for none. */
    long firstId() {
        return size == 0 ? 0 : at(0).id();
    }

    private Event at(int index) {
        Event event = slots[(first + index) % slots.length];
        if (event == null) {
            throw new IndexOutOfBoundsException(index);
        }
        return event;
    }
}
