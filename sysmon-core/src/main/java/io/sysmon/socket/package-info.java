/**
 * What sockets are: their protocols, addresses, and whom they are connected with.
 *
 * <p>{@link io.sysmon.socket.SocketNames} tells it of a descriptor of any task.
 *
 * <p><b>Threads.</b> Everything may be used from any thread.
 *
 * <p><b>Failures.</b> What the kernel does not tell is left out; nothing is thrown.
 */
@NullMarked
package io.sysmon.socket;

import org.jspecify.annotations.NullMarked;
