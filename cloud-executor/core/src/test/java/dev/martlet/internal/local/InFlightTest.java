package dev.martlet.internal.local;

import dev.martlet.WorkerLostException.Reason;
import dev.martlet.spi.Platform.InvocationListener;
import java.nio.ByteBuffer;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The table of calls in flight, as it is used by threads that send, read answers and lose lines.
 */
@Param(name = "call", gen = IntGen.class, conf = "0:4")
public class InFlightTest {
  private static final int CALLS = 5;

  // So small that it grows again and again.
  private final InFlight table = new InFlight(2);
  private final LocalCall[] calls = new LocalCall[CALLS];

  public InFlightTest() {
    for (int n = 0; n < CALLS; n++) {
      calls[n] = new LocalCall(n, new Silent());
    }
  }

  /** Adds a call, unless it was. */
  @Operation
  public boolean add(@Param(name = "call") int n) {
    LocalCall call = calls[n];
    synchronized (call) {
      return call.id < 0 && table.add(call);
    }
  }

  /** Looks for a call by its number. */
  @Operation
  public boolean find(@Param(name = "call") int n) {
    LocalCall call = calls[n];
    return table.get(call.id) == call;
  }

  /** Ends a call that is there, unless somebody else does. */
  @Operation
  public boolean end(@Param(name = "call") int n) {
    return find(n) && calls[n].lost(Reason.KILLED, null, true, table);
  }

  @Test
  @DisplayName("a call that was added is found by its number until it ends, and ends once")
  void isLinearizable() {
    new ModelCheckingOptions()
        .iterations(10)
        .invocationsPerIteration(300)
        .threads(3)
        .actorsPerThread(3)
        .check(InFlightTest.class);
  }

  @Test
  @DisplayName("so it does when threads really run side by side")
  void isLinearizableUnderStress() {
    new StressOptions()
        .iterations(10)
        .invocationsPerIteration(1_000)
        .threads(2)
        .actorsPerThread(4)
        .check(InFlightTest.class);
  }

  private static final class Silent implements InvocationListener {
    @Override
    public void sent(String instance, boolean cold) {}

    @Override
    public void received(ByteBuffer message) {}

    @Override
    public void completed(ByteBuffer response) {}

    @Override
    public void lost(Reason reason, @Nullable String detail, boolean begun) {}
  }
}
