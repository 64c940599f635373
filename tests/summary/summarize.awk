# summarize.awk: adds up the cases of all test programs from ctest's JUnit file.
#
# A program reports "NAME: N passed, N failed, N skipped"; that line is believed, with one
# exception: a program that ctest calls failed has at least one failure, whatever it printed before
# it crashed. One that prints no such line is a single case. Exit status: 0 when none failed and at
# least one passed.

/<testcase / {
  program = attribute("name")
  status = attribute("status")
  p = f = s = 0
  counted = absent = 0
}
/(^|>)[A-Za-z0-9_.-]+: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
  line = $0
  sub(/^.*: /, "", line)
  split(line, word, /[ ,]+/)
  p = word[1]; f = word[3]; s = word[5]
  counted = 1
}
/<skipped message="Unable to find executable/ { absent = 1 }
/<\/testcase>/ {
  if (absent) {
    f = 1
  } else if (status == "fail") {
    if (f == 0) {
      f = 1
      print "failed: " program (counted ? " (after counting its cases)" : "")
    }
  } else if (status == "run") {
    if (!counted)
      p = 1
  } else if (!counted) {
    s = 1
  }
  passed += p; failed += f; skipped += s
}
END {
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  exit failed > 0 || passed == 0
}

function attribute(name,   rest)
{
  rest = $0
  if (!sub(".* " name "=\"", "", rest))
    return ""
  sub(/".*/, "", rest)
  return rest
}
