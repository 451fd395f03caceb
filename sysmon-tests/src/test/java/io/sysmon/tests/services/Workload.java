package io.sysmon.tests.services;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The program of {@link JavaService}: does much of what a JVM does with the kernel, and checks each
 * result. It answers lines on a socket: {@code status} with how much was done or what failed first,
 * {@code pause} when nothing is being done, until {@code go}, {@code stop} before it ends, and
 * everything else with itself.
 */
final class Workload {
  private static final int BLOCK = 4096;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Path directory;
  private final ReentrantReadWriteLock working = new ReentrantReadWriteLock(true);
  private final AtomicLong done = new AtomicLong();
  private volatile @Nullable Throwable failure;
  private volatile boolean stopping;

  private Workload(Path directory) {
    this.directory = directory;
  }

  /** One piece of work, which fails when anything is not as it should be. */
  private interface Step {
    void run(int number) throws Exception;
  }

  /** Takes the directory that it may write to, where it leaves its port's number. */
  public static void main(String[] arguments) throws Exception {
    Workload workload = new Workload(Path.of(arguments[0]));
    List<Thread> threads = new ArrayList<>();
    for (Step step :
        List.<Step>of(
            Workload::sleeps,
            Workload::waits,
            Workload::allocates,
            workload::writesFiles,
            Workload::makesThreads,
            Workload::makesProcesses,
            Workload::passesBytes,
            Workload::faults,
            Workload::waitsForPackets,
            Workload::handsOver)) {
      Thread thread = new Thread(() -> workload.repeat(step), "step");
      thread.start();
      threads.add(thread);
    }
    workload.serve();
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println(workload.status());
  }

  private void repeat(Step step) {
    try {
      for (int i = 0; !stopping && failure == null; i++) {
        working.readLock().lock();
        try {
          step.run(i);
        } finally {
          working.readLock().unlock();
        }
        done.incrementAndGet();
      }
    } catch (Throwable e) {
      failure = e;
      e.printStackTrace();
    }
  }

  private String answer(String line) {
    switch (line) {
      case "status" -> {
        return status();
      }
      case "pause" -> working.writeLock().lock();
      case "go" -> working.writeLock().unlock();
      case "stop" -> stopping = true;
      default -> {
        return line;
      }
    }
    return line;
  }

  private String status() {
    Throwable failed = failure;
    return failed == null ? "ok " + done.get() : "failed " + failed;
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  private static void sleeps(int number) throws InterruptedException {
    long begin = System.nanoTime();
    Thread.sleep(2);
    check(System.nanoTime() - begin >= 2 * NANOS_PER_MILLI, "slept too short");
  }

  private static void waits(int number) throws InterruptedException {
    LinkedBlockingQueue<Integer> empty = new LinkedBlockingQueue<>();
    long begin = System.nanoTime();
    check(empty.poll(3, TimeUnit.MILLISECONDS) == null, "something in an empty queue");
    check(System.nanoTime() - begin >= 3 * NANOS_PER_MILLI, "waited too short");
  }

  private static void allocates(int number) {
    List<byte[]> kept = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[BLOCK];
      Arrays.fill(bytes, (byte) i);
      kept.add(bytes);
    }
    for (int i = 0; i < kept.size(); i++) {
      check(kept.get(i)[i] == (byte) i, "memory has changed");
    }
  }

  private void writesFiles(int number) throws IOException {
    byte[] written = new byte[BLOCK];
    Arrays.fill(written, (byte) number);
    byte[] read = new byte[BLOCK];
    try (RandomAccessFile file = new RandomAccessFile(directory.resolve("file").toFile(), "rw")) {
      file.seek((long) (number % 64) * BLOCK);
      file.write(written);
      file.seek((long) (number % 64) * BLOCK);
      file.readFully(read);
    }
    check(Arrays.equals(written, read), "a file has other content");
  }

  private static void makesThreads(int number) throws InterruptedException {
    AtomicLong sum = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      int value = i;
      Thread thread = new Thread(() -> sum.addAndGet(value));
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    check(sum.get() == 10, "a thread has not run");
  }

  private static void makesProcesses(int number) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("sh", "-c", "read x; echo $x; exit 3").start();
    process.outputWriter().append("line " + number + "\n").close();
    try (BufferedReader output = process.inputReader()) {
      check(("line " + number).equals(output.readLine()), "a child wrote something else");
      check(output.readLine() == null, "a child wrote more");
    }
    check(process.waitFor() == 3, "a child ended otherwise");
  }

  private static void passesBytes(int number) throws IOException, InterruptedException {
    Pipe pipe = Pipe.open();
    Thread writer =
        new Thread(
            () -> {
              try (OutputStream out = Channels.newOutputStream(pipe.sink())) {
                for (int i = 0; i < 64; i++) {
                  out.write(new byte[BLOCK]);
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    writer.start();
    try (InputStream in = Channels.newInputStream(pipe.source())) {
      check(in.readAllBytes().length == 64 * BLOCK, "a pipe has lost bytes");
    }
    writer.join();
  }

  /** HotSpot finds null and the stack's end by SIGSEGV. */
  private static void faults(int number) {
    int caught = 0;
    for (int i = 0; i < 1000; i++) {
      try {
        int[] array = i % 2 == 0 ? null : new int[1];
        caught += array.length - 1;
      } catch (NullPointerException e) {
        caught++;
      }
    }
    check(caught == 500, "a null was not found");
    if (number % 50 == 0) {
      try {
        check(depth(0) < 0, "endless recursion has ended");
      } catch (StackOverflowError e) {
        caught++;
      }
      check(caught == 501, "no stack overflow");
    }
  }

  private static int depth(int level) {
    return level < 0 ? level : depth(level + 1) + 1;
  }

  private static void waitsForPackets(int number) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (DatagramSocket socket = new DatagramSocket(0, loopback)) {
      DatagramPacket packet = new DatagramPacket(new byte[1], 1);
      socket.setSoTimeout(5);
      long begin = System.nanoTime();
      try {
        socket.receive(packet);
        throw new IllegalStateException("a packet from nowhere");
      } catch (SocketTimeoutException e) {
        check(System.nanoTime() - begin >= 4 * NANOS_PER_MILLI, "timed out too early");
      }
      socket.setSoTimeout(60_000);
      socket.send(
          new DatagramPacket(
              new byte[] {(byte) number},
              1,
              new InetSocketAddress(loopback, socket.getLocalPort())));
      socket.receive(packet);
      check(packet.getData()[0] == (byte) number, "another packet");
    }
  }

  private static void handsOver(int number) throws InterruptedException, ExecutionException {
    SynchronousQueue<Integer> queue = new SynchronousQueue<>();
    CompletableFuture<Integer> sum =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                int all = 0;
                for (int i = 0; i < 20; i++) {
                  Integer got = queue.poll(60, TimeUnit.SECONDS);
                  all += got == null ? 1000 : got;
                }
                return all;
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    for (int i = 0; i < 20; i++) {
      check(queue.offer(i, 60, TimeUnit.SECONDS), "nobody took it");
    }
    check(sum.get() == 190, "something else was taken");
  }

  /** Answers until it is told to stop. */
  private void serve() throws IOException {
    try (Selector selector = Selector.open();
        ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      Path port =
          Files.writeString(directory.resolve("port~"), server.socket().getLocalPort() + "\n");
      Files.move(port, directory.resolve("port"), StandardCopyOption.ATOMIC_MOVE);
      while (!stopping) {
        selector.select();
        for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
          SelectionKey key = keys.next();
          keys.remove();
          if (key.isAcceptable()) {
            SocketChannel client = server.accept();
            client.configureBlocking(false);
            client.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(BLOCK));
          } else {
            answer((SocketChannel) key.channel(), (ByteBuffer) key.attachment());
          }
        }
      }
    }
  }

  /** Its clients send a line and wait for the answer. */
  private void answer(SocketChannel client, ByteBuffer buffer) throws IOException {
    if (client.read(buffer) < 0) {
      client.close();
      return;
    }
    String line = StandardCharsets.UTF_8.decode(buffer.duplicate().flip()).toString();
    if (line.endsWith("\n")) {
      buffer.clear();
      String answer = answer(line.stripTrailing()) + "\n";
      ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        client.write(bytes);
      }
    }
  }
}
