#!/bin/sh
# Starts Lambda's Java with the worker on its class path and, if there is one, with the archive of
# the worker's classes, which stands on the archive that the runtime itself begins with. A JVM that
# the first does not fit, such as one that Lambda has patched since, still has the second. Paths are
# relative, so that the archive fits wherever the function's code is.
cd "$LAMBDA_TASK_ROOT" || exit 1
java=$1
shift
base=${java%/bin/java}/lib/server/classes.jsa
for option in "$@"; do
  case $option in
    -XX:SharedArchiveFile=*) base=${option#*=} ;;
  esac
done
archive=
if [ -f martlet.jsa ] && [ -f "$base" ]; then
  archive=$base:martlet.jsa
  # Who chooses what classes are read from is not crossed, and a JVM takes one of both kinds.
  case "$JAVA_TOOL_OPTIONS $JDK_JAVA_OPTIONS $_JAVA_OPTIONS $*" in
    *-XX:AOT* | *-Xshare:off*) archive= ;;
  esac
  case "$JAVA_TOOL_OPTIONS $JDK_JAVA_OPTIONS $_JAVA_OPTIONS" in
    *SharedArchiveFile* | *-Xshare*) archive= ;;
  esac
fi
left=$#
while [ "$left" -gt 0 ]; do
  option=$1
  shift
  left=$((left - 1))
  case $option in
    -cp | -classpath | --class-path)
      set -- "$@" "$option" "$1:lib/martlet.jar"
      shift
      left=$((left - 1))
      ;;
    -Xshare:* | -XX:SharedArchiveFile=*)
      [ -n "$archive" ] || set -- "$@" "$option"
      ;;
    *)
      set -- "$@" "$option"
      ;;
  esac
done
# Calls run on the main thread, and woven code needs more stack than what it was woven from.
case "$JAVA_TOOL_OPTIONS $JDK_JAVA_OPTIONS $_JAVA_OPTIONS $*" in
  *-Xss* | *ThreadStackSize*) ;;
  *) set -- -Xss4m "$@" ;;
esac
if [ -n "$archive" ]; then
  set -- -Xshare:auto -XX:SharedArchiveFile="$archive" "$@"
  # What does not fit is not worth a word at each start.
  JAVA_TOOL_OPTIONS="-Xlog:disable -Xlog:os*=warning,gc*=warning $JAVA_TOOL_OPTIONS"
  export JAVA_TOOL_OPTIONS
fi
exec "$java" "$@"
