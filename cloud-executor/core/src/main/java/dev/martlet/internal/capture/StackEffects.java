package dev.martlet.internal.capture;

import dev.martlet.internal.shaded.bytebuddy.jar.asm.Opcodes;
import java.util.HashMap;
import java.util.Map;

/** Slots popped and pushed by the instructions without operands that need no closer look. */
final class StackEffects {
  private static final int[] NONE = {0, 0};
  private static final Map<Integer, int[]> EFFECTS = effects();

  private StackEffects() {}

  static int popped(int opcode) {
    return EFFECTS.getOrDefault(opcode, NONE)[0];
  }

  static int pushed(int opcode) {
    return EFFECTS.getOrDefault(opcode, NONE)[1];
  }

  private static Map<Integer, int[]> effects() {
    Map<Integer, int[]> effects = new HashMap<>();
    String[] table = {
      "2-8:0,1",
      "9-10:0,2",
      "11-13:0,1",
      "14-15:0,2", // constants
      "46-46:2,1",
      "47-47:2,2",
      "48-48:2,1",
      "49-49:2,2",
      "51-53:2,1", // array loads
      "79-79:3,0",
      "80-80:4,0",
      "81-81:3,0",
      "82-82:4,0",
      "84-86:3,0", // array stores
      "116-116:1,1",
      "117-117:2,2",
      "118-118:1,1",
      "119-119:2,2", // negation
      "120-120:2,1",
      "121-121:3,2",
      "122-122:2,1",
      "123-123:3,2",
      "124-124:2,1",
      "125-125:3,2",
      "126-126:2,1",
      "127-127:4,2",
      "128-128:2,1",
      "129-129:4,2",
      "130-130:2,1",
      "131-131:4,2",
      "133-133:1,2",
      "134-134:1,1",
      "135-135:1,2",
      "136-137:2,1",
      "138-138:2,2",
      "139-139:1,1",
      "140-141:1,2",
      "142-142:2,1",
      "143-143:2,2",
      "144-144:2,1",
      "145-147:1,1", // conversions
      "148-148:4,1",
      "149-150:2,1",
      "151-152:4,1", // comparisons
      "190-190:1,1",
      "195-195:1,0" // arraylength, monitorexit
    };
    for (String entry : table) {
      String[] parts = entry.split("[-:,]", -1);
      for (int op = Integer.parseInt(parts[0]); op <= Integer.parseInt(parts[1]); op++) {
        effects.put(op, new int[] {Integer.parseInt(parts[2]), Integer.parseInt(parts[3])});
      }
    }
    for (int op = Opcodes.IADD; op <= Opcodes.DREM; op++) { // int, long, float, double in turn
      effects.put(op, op % 2 == 0 ? new int[] {2, 1} : new int[] {4, 2});
    }
    return effects;
  }
}
