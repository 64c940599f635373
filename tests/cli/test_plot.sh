#!/usr/bin/env bash
# Pictures: what each shows is counted in the SVG, which is read by an XML parser; the same as
# characters; inputs told apart by content; what cannot be drawn is said.
set -u
. "$(dirname "$0")/common.sh"
unset COLUMNS LC_CTYPE
export LC_ALL=C.UTF-8 LANG=C.UTF-8
data=$here/../../data
diagonal d.mtx 1 2 2 3
"$speig" --json=r.json -k 4 d.mtx >/dev/null 2>&1
"$speig" --json=wind.json -k 4 "$data/wind.mtx" >/dev/null 2>&1
"$speig" svds --json=s.json -k 3 "$data/c60.mtx" >/dev/null 2>&1
"$speig" --method lanczos --log run.log --json=l.json -k 3 --which LA "$data/lshape.mtx" >/dev/null 2>&1

# An expression over `root` (the parsed SVG), count(tag, class) and desc holds.
svg_holds() # FILE EXPRESSION
{
  "$python" - "$1" "$2" <<'PY'
import re, sys
import xml.etree.ElementTree as ET
text = open(sys.argv[1], encoding="utf-8").read()
root = ET.fromstring(text)
NS = "{http://www.w3.org/2000/svg}"
def count(tag, word=None):
    return sum(1 for e in root.iter(NS + tag) if word is None or word in e.get("class", "").split())
def words():
    return [e.text for e in root.iter(NS + "text")]
desc = root.find(NS + "desc").text
title = root.find(NS + "title").text
if root.tag != NS + "svg" or not eval(sys.argv[2]):
    print(sys.argv[2], "does not hold;", desc, words())
    sys.exit(1)
PY
}

check_svg() # WHAT FILE EXPRESSION
{
  if [ -n "$python" ]; then check "$1" svg_holds "$2" "$3"; else skip "$1" "no python3"; fi
}

# ---- spectrum ------------------------------------------------------------------------------------
check "a result" ends 0 "" "" plot -o r.svg r.json
check_svg "a dot for every eigenvalue, copies told" r.svg \
  'count("circle", "full") == 4 and "3 different ones, up to 2 copies" in desc and "number 4: 3" in "".join(e.text or "" for e in root.iter(NS + "title"))'
dots_at() # the two copies of 2 stand one above the other, the others apart
{
  "$python" - r.svg <<'PY'
import sys, xml.etree.ElementTree as ET
dots = [(float(e.get("cx")), float(e.get("cy"))) for e in ET.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}circle")]
dots.sort()
x = [d[0] for d in dots]
assert x[1] == x[2] and dots[1][1] != dots[2][1], dots
assert abs((x[1] - x[0]) - (x[3] - x[2])) < 0.1 and x[0] < x[1], dots
PY
}
[ -n "$python" ] && check "dots stand where the values are" dots_at
check "a general result" ends 0 "" "" plot -o wind.svg wind.json
check_svg "a dot for every complex eigenvalue" wind.svg \
  'count("circle", "full") == 4 and "complex plane" in desc and "imaginary part" in words()'
check "singular values" ends 0 "" "" plot -o s.svg s.json
check_svg "a dot for every singular value" s.svg 'count("circle", "full") == 3 and "singular value" in words()'
check "the whole spectrum of a matrix" ends 0 "" "" plot --kind spectrum -o all.svg "$data/c60.mtx"
check_svg "all 60" all.svg 'count("circle", "full") == 60 and "all 60 eigenvalues, 15 different ones" in desc'
check "of a general matrix" ends 0 "" "" plot --kind spectrum -o all.svg "$data/wind.mtx"
check_svg "all 256" all.svg 'count("circle", "full") == 256'
check "all singular values" ends 0 "" "" plot --kind scree -o all.svg "$data/c60.mtx"
check_svg "all 60 again" all.svg 'count("circle", "full") == 60'
"$speig" generate laplacian1d n=3001 -o path.mtx >/dev/null 2>&1
check "too large for LAPACK" ends 2 "" "up to order 3000.*dos" plot --kind spectrum path.mtx

# ---- convergence ---------------------------------------------------------------------------------
check "a log" ends 0 "" "" plot -o log.svg run.log
check_svg "a line for each pair, and the tolerance" log.svg \
  'count("path", "s0") >= 1 and count("path", "s1") >= 1 and count("path", "s2") >= 1 and count("path", "s3") == 0 and any("tolerance" in w for w in words()) and "products with A" in words()'
check "the last values of a log" ends 0 "" "" plot --kind spectrum -o last.svg run.log
check_svg "three of them" last.svg 'count("circle") == 3'
head -c $(($(wc -c <run.log) / 2)) run.log >cut.log
check "a log cut in the middle" ends 0 "" "*" plot -o cut.svg cut.log
check_svg "is drawn as far as it goes" cut.svg '"not finished" in desc'
head -n 1 run.log >start.log
check "a log without records" ends 2 "" "no residuals to draw \(0 records\)" plot start.log

# ---- pattern -------------------------------------------------------------------------------------
check "a matrix" ends 0 "" "" plot -o c60.svg "$data/c60.mtx"
cells_of() # FILE: cells drawn, all levels together
{
  "$python" - "$1" <<'PY'
import re, sys, xml.etree.ElementTree as ET
cells = 0.0
for e in ET.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}path"):
    if e.get("class") == "cell":
        for w, h in re.findall(r"h([0-9.]+)v([0-9.]+)", e.get("d")):
            cells += float(w) / float(h)
print(round(cells))
PY
}
[ -n "$python" ] && check "a square for every entry" [ "$(cells_of c60.svg)" = 180 ]
check "a large matrix" ends 0 "" "" plot -o path.svg path.mtx
check_svg "every entry counts" path.svg '"9,001 entries" in desc and "9001 entries counted" in desc and "320 x 320 cells" in desc'
gzip -kf path.mtx
check "gzip" ends 0 "" "" plot -o gz.svg --title path.mtx path.mtx.gz
check "the same picture" cmp gz.svg path.svg
"$speig" plot - <path.mtx.gz >pipe.svg 2>/dev/null
check_svg "standard input" pipe.svg '"9001 entries counted" in desc'
"$speig" plot - <r.json >pipe.svg
check_svg "a result on standard input" pipe.svg 'count("circle", "full") == 4'

# ---- density of states ---------------------------------------------------------------------------
check "density of states" ends 0 "" "" plot --kind dos --degree 64 -o dos.svg path.mtx
check_svg "line and ribbon" dos.svg 'count("path", "area") == 2 and "degree 64" in desc'
check "again" ends 0 "" "" plot --kind dos --degree 64 --threads 1 -o dos1.svg path.mtx
check "the same bytes" cmp dos.svg dos1.svg
check "not of a general matrix" ends 2 "" "is not Hermitian" plot --kind dos "$data/wind.mtx"

# ---- what every SVG is ---------------------------------------------------------------------------
for file in r wind s log c60 dos; do
  check_svg "$file.svg: well-formed, described, nothing from outside" $file.svg \
    'title and desc and "prefers-color-scheme:dark" in text and "<script" not in text and "href" not in text and "url(" not in text and "@import" not in text and "nan" not in re.sub("<[^>]*desc>.*?</desc>", "", text).lower()'
done
cp d.mtx 'a<b>&"c.mtx'
check "a name with every special character" ends 0 "" "" plot -o odd.svg 'a<b>&"c.mtx'
check_svg "is shown as it is" odd.svg '"a<b>&\"c.mtx" in title'
cp d.mtx $'bad\xff\x1b[31m.mtx'
check "a name that is not UTF-8" ends 0 "" "" plot -o odd.svg $'bad\xff\x1b[31m.mtx'
check_svg "gets a replacement" odd.svg '"bad\ufffd\ufffd[31m.mtx" in title'
check "on a terminal too, no escape gets through" ends 0 "^[^$(printf '\033')]*$" "" plot --terminal $'bad\xff\x1b[31m.mtx'

# ---- characters ----------------------------------------------------------------------------------
fits() # COLUMNS FILE: no line is longer
{
  awk -v most="$1" 'length($0) > most { print "too long: " $0; bad = 1 } END { exit bad }' "$2"
}
for input in r.json wind.json s.json run.log "$data/c60.mtx" path.mtx; do
  check "$(basename "$input") as characters" ends 0 "." "" plot --terminal "$input"
  "$speig" plot --terminal "$input" >wide.txt
  [ -z "${python}" ] || check "at most 80 columns" "$python" -c \
    'import sys; sys.exit(any(len(l.rstrip("\n")) > 80 for l in open("wide.txt", encoding="utf-8")))'
  LC_ALL=C "$speig" plot --terminal --width 50 "$input" >narrow.txt
  check "ASCII, at most 50 columns" fits 50 narrow.txt
  check "nothing but ASCII" [ -z "$(LC_ALL=C grep -n '[^ -~]' narrow.txt)" ]
done
COLUMNS=60 LC_ALL=C "$speig" plot --terminal path.mtx >sixty.txt
LC_ALL=C "$speig" plot --terminal --width 60 path.mtx >width.txt
check "COLUMNS" cmp sixty.txt width.txt
LC_ALL=C "$speig" plot --terminal r.json >r.txt
check "a letter for every eigenvalue" [ "$(sed 1,3d r.txt | tr -cd o | wc -c)" -eq 4 ]

# ---- what cannot be drawn ------------------------------------------------------------------------
echo '{"problem": {"kind": "hermitian"}, "eigenvalues": []}' >none.json
echo '{"problem": {"kind": "hermitian"}, "eigenvalues": [null]}' >null.json
echo '{"a": 1}' >other.json
echo '{"a": 1' >broken.json
printf '%%%%MatrixMarket matrix coordinate real general\n0 0 0\n' >zero.mtx
check "no values" ends 2 "" "no values to draw" plot none.json
check "NaN" ends 4 "" "value 1 is not a finite number" plot null.json
check "JSON that is no result" ends 4 "" "no array \"eigenvalues\"" plot other.json
check "broken JSON" ends 4 "" "begins like JSON, but is not" plot broken.json
check "an empty matrix" ends 2 "" "0 x 0: there is no pattern" plot zero.mtx
check "its spectrum" ends 2 "" "0 x 0" plot --kind spectrum zero.mtx
check "its density" ends 2 "" "0 x 0" plot --kind dos zero.mtx
check "no such file" ends 4 "" "No such file" plot absent.json
check "convergence of a result" ends 2 "" "is a result: convergence needs a log" plot --kind convergence r.json
check "the pattern of a result" ends 2 "" "is a result: --kind spy needs a matrix" plot --kind spy r.json
check "scree of eigenvalues" ends 2 "" "holds eigenvalues" plot --kind scree r.json
check "a folder that is not there" ends 1 "" "cannot write no/x.svg" plot -o no/x.svg d.mtx
check "nothing is left of a failure" [ ! -e x.svg ]

# ---- report --------------------------------------------------------------------------------------
# An expression over `root`, tables and pictures of the page, which is well-formed XML.
page_holds() # FILE EXPRESSION
{
  "$python" - "$1" "$2" <<'PY'
import re, sys
import xml.etree.ElementTree as ET
text = open(sys.argv[1], encoding="utf-8").read()
root = ET.fromstring(text)
X, S = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"
pairs = [[c.text for c in r.iter(X + "td")] for r in root.iter(X + "tr") if r.get("class") == "pair"]
pictures = [p.find(S + "title").text.split(":")[0] for p in root.iter(S + "svg")]
command = [p.text for p in root.iter(X + "pre")][0]
plain = "<script" not in text and "href" not in text and "src=" not in text and "@import" not in text
if not (plain and eval(sys.argv[2])):
    print(sys.argv[2], "does not hold;", pairs, pictures, command)
    sys.exit(1)
PY
}

check_page() # WHAT FILE EXPRESSION
{
  if [ -n "$python" ]; then check "$1" page_holds "$2" "$3"; else skip "$1" "no python3"; fi
}

cp "$data/lshape.mtx" "l'a<b>.mtx"
check "report prints what solve prints" ends 0 "validated: 4 of 4 pairs|certified: 4 of 4 pairs" "" \
  report --method lanczos --which LA -k 4 -o page.html "l'a<b>.mtx"
check_page "the page has the pairs, four pictures and the command" page.html \
  'len(pairs) == 4 and abs(float(pairs[3][1]) - 2042) < 60 and float(pairs[0][2]) < 1e-8 and pictures == ["Convergence", "Spectrum", "Pattern", "Density of states"] and command.endswith("-o page.html '"'l'\\\\''a<b>.mtx'"'")'
check "a general problem with B left out" ends 0 "certified: 4 of 4" "*" report -k 4 -o general.html "$data/wind.mtx"
check_page "has no density of states" general.html 'len(pairs) == 4 and pictures == ["Spectrum", "Pattern"]'
check "two matrices" ends 0 "3 of 3" "" report "$data/spring_k.mtx" -B "$data/spring_m.mtx" -k 3 --which SA -o b.html
check_page "both are told" b.html 'len(pairs) == 3 and "The matrix B" in text'
cp page.html before.html
check "fewer than wanted" ends 3 "" "*" report --method lanczos --max-matvecs 20 -k 4 --certify never -q -o page.html "$data/lshape.mtx"
check_page "are told as such" page.html 'len(pairs) < 4 and ("partial" in text or "failed" in text)'
check "a failed read leaves the page alone" ends 4 "" "No such file" report -o before.html absent.mtx
check_page "as it was" before.html 'len(pairs) == 4'
check "not written" ends 1 "*" "cannot write no/page.html" report -o no/page.html d.mtx
check "a dry run has nothing to report" ends 2 "" "does not solve" report --dry-run d.mtx
check "not to standard output" ends 2 "" "--output needs a file" report -o - d.mtx
finish cli_plot
