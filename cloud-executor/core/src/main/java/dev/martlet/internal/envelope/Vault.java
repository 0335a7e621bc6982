package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Iterator;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what lies in a store with the session's key: nobody else reads it, and what is opened is
 * what was put under that name by somebody who has the key. AES in Galois/Counter Mode (NIST SP
 * 800-38D) with random 96-bit nonces, of which a session uses far fewer than 2<sup>32</sup>.
 *
 * <p>What is long is cut into records, each sealed with its place and their number: a JVM makes
 * this code fast when it has run some thousand times, however much it has done each time, and an
 * instance that has just started is to read long arrays.
 *
 * <pre>
 * box    = record...
 * record = nonce, 4,096 bytes at most, tag
 * </pre>
 *
 * <p>Thread-safe.
 */
public final class Vault {
  /** Bytes of a key. */
  public static final int KEY = 32;

  private static final int NONCE = 12;
  private static final int TAG = 16;
  static final int RECORD = 1 << 12;
  private static final int SEALED = NONCE + RECORD + TAG;

  private final SecretKeySpec key;

  /** Creates a vault. */
  public Vault(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  /** Held apart: a worker that needs no store shall not start it. */
  private static final class Nonces {
    static final SecureRandom RANDOM = new SecureRandom();
  }

  /** Seals bytes under a name. */
  public ByteBuffer seal(String name, List<ByteBuffer> plain) {
    long length = 0;
    for (ByteBuffer b : plain) {
      length += b.remaining();
    }
    int records = (int) Math.max(1, (length + RECORD - 1) / RECORD);
    byte[] box = new byte[Math.toIntExact(length + (long) records * (NONCE + TAG))];
    byte[] nonces = new byte[records * NONCE];
    Nonces.RANDOM.nextBytes(nonces);
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      Iterator<ByteBuffer> rest = plain.iterator();
      ByteBuffer part = ByteBuffer.allocate(0);
      byte[] some = new byte[(int) Math.min(RECORD, length)];
      for (int i = 0, at = 0; i < records; i++) {
        int n = 0;
        while (n < some.length && (part.hasRemaining() || rest.hasNext())) {
          if (part.hasRemaining()) {
            int more = Math.min(some.length - n, part.remaining());
            part.get(some, n, more);
            n += more;
          } else {
            part = rest.next().duplicate();
          }
        }
        System.arraycopy(nonces, i * NONCE, box, at, NONCE);
        begin(cipher, Cipher.ENCRYPT_MODE, box, at, name, i, records);
        at += NONCE;
        at += cipher.doFinal(some, 0, n, box, at);
      }
      return ByteBuffer.wrap(box);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot encrypt", e);
    }
  }

  /** Returns how many bytes there are in a box. */
  private static int length(ByteBuffer box) {
    int length = box.remaining() - records(box) * (NONCE + TAG);
    Fields.require(length >= 0, "cut off");
    return length;
  }

  private static int records(ByteBuffer box) {
    return Math.max(1, (int) (((long) box.remaining() + SEALED - 1) / SEALED));
  }

  /**
   * Opens what was sealed under a name.
   *
   * @throws MalformedException if it is not that
   */
  public ByteBuffer open(String name, ByteBuffer box) {
    byte[] plain = new byte[length(box)];
    open(name, box, plain, 0, plain.length);
    return ByteBuffer.wrap(plain);
  }

  /**
   * Opens what was sealed under a name.
   *
   * @param plain takes what is in it, from a place on
   * @param length how long that is
   * @throws MalformedException if it is not that, or not so long
   */
  void open(String name, ByteBuffer box, byte[] plain, int at, int length) {
    Fields.require(length(box) == length, "cut off, or too long");
    int records = records(box);
    ByteBuffer in = box.duplicate();
    byte[] sealed = new byte[Math.min(SEALED, in.remaining())];
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      for (int i = 0, to = at; i < records; i++) {
        int n = Math.min(sealed.length, in.remaining());
        Fields.require(n >= NONCE + TAG, "cut off");
        in.get(sealed, 0, n);
        begin(cipher, Cipher.DECRYPT_MODE, sealed, 0, name, i, records);
        to += cipher.doFinal(sealed, NONCE, n - NONCE, plain, to);
      }
    } catch (AEADBadTagException e) {
      throw new MalformedException("it was sealed by somebody else, or under another name", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot decrypt", e);
    }
  }

  private void begin(
      Cipher cipher, int mode, byte[] from, int nonce, String name, int record, int records)
      throws GeneralSecurityException {
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG, from, nonce, NONCE));
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    if (records > 1) {
      cipher.updateAAD(ByteBuffer.allocate(9).putInt(1, record).putInt(5, records));
    }
  }
}
