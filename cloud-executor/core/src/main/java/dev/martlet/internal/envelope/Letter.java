package dev.martlet.internal.envelope;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run says and asks while it goes on.
 *
 * @param messages what its calls say, in order
 * @param questions what they ask; the client replies to all at once
 */
public record Letter(List<Message> messages, List<ByteBuffer> questions) {
  private static final int LONGEST = Integer.MAX_VALUE;

  /**
   * A message of a call, which is the index-th of its invocation; or, with the complement of its
   * index, that it will soon be out of time: for how many nanoseconds it has run, and may run.
   */
  public record Message(int index, ByteBuffer bytes) {}

  /** What became of a question: an answer, or a text that says why there is none. */
  public record Reply(boolean failed, List<ByteBuffer> answer) {}

  /**
   * Replies to a letter's questions.
   *
   * @param replies the replies, in order
   * @param known answers that may be kept, to these questions and to others that may be next
   */
  public record Replies(List<Reply> replies, List<Known> known) {
    /** Returns the bytes. */
    public ByteBuffer encode() {
      Fields.Out out = new Fields.Out().putInt(replies.size());
      for (Reply r : replies) {
        out.put(r.failed ? 1 : 0).putBytes(r.answer);
      }
      Known.write(known, out);
      return out.done();
    }

    /**
     * Reads replies.
     *
     * @throws MalformedException if it is none
     */
    public static Replies decode(ByteBuffer bytes) {
      Fields.In in = Fields.In.unpack(bytes, LONGEST);
      List<Reply> replies = new ArrayList<>();
      for (int n = in.getCount(5); n > 0; n--) {
        boolean failed = in.get() != 0;
        replies.add(new Reply(failed, List.of(in.getBytes())));
      }
      List<Known> known = Known.read(in);
      in.end();
      return new Replies(replies, known);
    }
  }

  /** Returns the bytes. */
  public ByteBuffer encode() {
    Fields.Out out = new Fields.Out();
    out.putInt(messages.size());
    for (Message m : messages) {
      out.putInt(m.index).putBytes(List.of(m.bytes));
    }
    out.putInt(questions.size());
    for (ByteBuffer q : questions) {
      out.putBytes(List.of(q));
    }
    return out.done();
  }

  /**
   * Reads a letter.
   *
   * @throws MalformedException if it is none
   */
  public static Letter decode(ByteBuffer bytes) {
    Fields.In in = Fields.In.unpack(bytes, LONGEST);
    List<Message> messages = new ArrayList<>();
    for (int n = in.getCount(8); n > 0; n--) {
      int index = in.getInt();
      messages.add(new Message(index, in.getBytes()));
    }
    List<ByteBuffer> questions = new ArrayList<>();
    for (int n = in.getCount(4); n > 0; n--) {
      questions.add(in.getBytes());
    }
    in.end();
    return new Letter(messages, questions);
  }
}
