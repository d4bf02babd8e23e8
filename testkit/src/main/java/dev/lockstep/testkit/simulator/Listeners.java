package dev.lockstep.testkit.simulator;

import dev.lockstep.replica.ReplicaListener;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/// Two listeners as one: the simulator's own and that of whoever set the run up.
///
/// Through a proxy, so that what a replica learns to tell reaches both without a list of it here.
final class Listeners implements InvocationHandler {

    private final ReplicaListener first;
    private final ReplicaListener second;

    private Listeners(ReplicaListener first, ReplicaListener second) {
        this.first = first;
        this.second = second;
    }

    /// Tells `first`, then `second`.
    static ReplicaListener of(ReplicaListener first, ReplicaListener second) {
        if (second == ReplicaListener.NONE) {
            return first;
        }
        return (ReplicaListener)
                Proxy.newProxyInstance(
                        ReplicaListener.class.getClassLoader(),
                        new Class<?>[] {ReplicaListener.class},
                        new Listeners(first, second));
    }

    /// What a listener throws leaves as it is: it ends the run.
    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return method.invoke(this, arguments);
        }
        try {
            method.invoke(first, arguments);
            return method.invoke(second, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getTargetException();
        }
    }
}
