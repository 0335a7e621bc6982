package dev.martlet.internal.codec;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntSupplier;

/** Prints how long a lambda with an int takes to encode and decode, with classes known and not. */
final class CodecTiming {
  private CodecTiming() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    int rounds = 5_000_000;
    ClassTable out = new ClassTable();
    ClassTable in = new ClassTable();
    ObjectTable here = new ObjectTable(out);
    ObjectTable there = new ObjectTable(in);
    GraphEncoder encoder = new GraphEncoder(TestSpace.SPACE, Border.OPEN, here);
    encoder.write(lambda(1));
    GraphDecoder decoder =
        new GraphDecoder(
            TestSpace.SPACE,
            Border.OPEN,
            there,
            ByteBuffer.wrap(encoder.toByteArray()),
            Trust.INBOUND);
    decoder.read();
    long sum = 0;
    for (int pass = 0; pass < 5; pass++) {
      long start = System.nanoTime();
      for (int i = 0; i < rounds; i++) {
        here.clear();
        encoder.reset(here);
        encoder.write(lambda(i));
        sum += encoder.size();
      }
      long encoded = System.nanoTime();
      List<ByteBuffer> bytes = List.of(ByteBuffer.wrap(encoder.toByteArray()));
      for (int i = 0; i < rounds; i++) {
        there.clear();
        decoder.reset(there, bytes);
        sum += ((IntSupplier) decoder.read()).getAsInt();
      }
      long decoded = System.nanoTime();
      for (int i = 0; i < rounds / 10; i++) {
        encoder.reset(new ObjectTable());
        encoder.write(lambda(i));
        sum += encoder.size();
      }
      long described = System.nanoTime();
      System.out.printf(
          "encode %.1f ns, decode %.1f ns, encode with description %.1f ns, bytes %d (%d)%n",
          (encoded - start) / (double) rounds,
          (decoded - encoded) / (double) rounds,
          (described - decoded) / (rounds / 10.0),
          encoder.size(),
          sum);
    }
  }

  private static IntSupplier lambda(int i) {
    return () -> i;
  }
}
