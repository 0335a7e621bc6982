package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what lies in a store with the session's key: nobody else reads it, and what is opened is
 * what was put under that name by somebody who has the key. AES in Galois/Counter Mode (NIST SP
 * 800-38D) with random 96-bit nonces, of which a session uses far fewer than 2<sup>32</sup>.
 * Thread-safe.
 */
public final class Vault {
  /** Bytes of a key. */
  public static final int KEY = 32;

  private static final int NONCE = 12;
  private static final int TAG = 16;

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
    try {
      byte[] nonce = new byte[NONCE];
      Nonces.RANDOM.nextBytes(nonce);
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, name);
      long length = NONCE + TAG;
      for (ByteBuffer b : plain) {
        length += b.remaining();
      }
      ByteBuffer box = ByteBuffer.allocate(Math.toIntExact(length)).put(nonce);
      for (ByteBuffer b : plain) {
        cipher.update(b.duplicate(), box);
      }
      cipher.doFinal(ByteBuffer.allocate(0), box);
      return box.flip();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot encrypt", e);
    }
  }

  /**
   * Opens what was sealed under a name.
   *
   * @throws MalformedException if it is not that
   */
  public ByteBuffer open(String name, ByteBuffer box) {
    Fields.require(box.remaining() >= NONCE + TAG, "cut off");
    ByteBuffer plain = ByteBuffer.allocate(box.remaining() - NONCE - TAG);
    open(name, box, plain);
    return plain.flip();
  }

  /**
   * Opens what was sealed under a name.
   *
   * @param to takes what is in it
   * @throws MalformedException if it is not that, or longer than there is room
   */
  void open(String name, ByteBuffer box, ByteBuffer to) {
    int length = box.remaining() - NONCE - TAG;
    Fields.require(length >= 0 && length <= to.remaining(), "cut off, or too long");
    try {
      ByteBuffer in = box.duplicate();
      byte[] nonce = new byte[NONCE];
      in.get(nonce);
      cipher(Cipher.DECRYPT_MODE, nonce, name).doFinal(in, to);
    } catch (AEADBadTagException e) {
      throw new MalformedException("it was sealed by somebody else, or under another name", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM cannot decrypt", e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
    cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
