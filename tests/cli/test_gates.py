"""The gates themselves: each is given a small tree with one fault and must refuse it by name, and one without."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
ROW = "| gate | where | reason |\n|---|---|---|\n"
TEST_FILE = """#include "support/test.h"
static void holds(int x) {
    ck_assert(x);
}
TEST(map_keeps_its_keys) {
    holds(1);
}
TEST_MAIN("map", TEST_CASE(map_keeps_its_keys))
"""


class Gates(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)

    def put(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as out:
            out.write(text)

    def run_gate(self, name):
        run = subprocess.run([sys.executable, "-B", os.path.join(TOOLS, f"check_{name}.py"), self.root],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def assert_passes(self, name):
        code, said = self.run_gate(name)
        self.assertEqual(code, 0, said)

    def assert_refused(self, name, *fragments):
        code, said = self.run_gate(name)
        self.assertEqual(code, 1, said)
        for fragment in fragments:
            self.assertIn(fragment, said)

    def except_for(self, gate, where):
        self.put("docs/reference/exceptions.md", ROW + f"| {gate} | `{where}` | a reason that is long enough |\n")

    # order

    def test_order_refuses_a_lower_floor_that_uses_a_higher_one(self):
        self.put("src/road/snap.c", '#include "geo/tree.h"\n')
        self.assert_passes("order")
        self.put("src/road/snap.c", '#include "geo/tree.h"\n#include "dispatch/board.h"\n')
        self.assert_refused("order", "src/road/snap.c:2", "road (floor 2) may not use dispatch (floor 3)")

    def test_order_refuses_a_neighbour_without_an_arrow(self):
        self.put("src/place/find.c", '#include "road/network.h"\n')
        self.assert_passes("order")
        self.put("src/patrol/plan.c", '#include "dispatch/board.h"\n')
        self.assert_refused("order", "patrol may not use dispatch", "no arrow")

    def test_order_refuses_an_arrow_backwards(self):
        self.put("src/road/network.c", '#include "place/premises.h"\n')
        self.assert_refused("order", "road may not use place")

    def test_order_refuses_an_unknown_folder_and_an_unknown_include(self):
        self.put("src/helpers/x.c", "int x;\n")
        self.put("src/base/y.c", '#include "helpers/x.h"\n#include "z.h"\n')
        self.assert_refused("order", "'helpers' is no module", "there is no module 'helpers'", '"z.h" must be included')

    def test_order_refuses_files_that_include_each_other(self):
        self.put("src/geo/a.h", '#include "geo/b.h"\n')
        self.put("src/geo/b.h", '#include "geo/a.h"\n')
        self.assert_refused("order", "include each other: src/geo/a.h -> src/geo/b.h -> src/geo/a.h")

    def test_order_reads_no_comments_as_includes(self):
        self.put("src/base/a.c", '/*\n#include "cli/main.h"\n*/\n// #include "cli/main.h"\n')
        self.assert_passes("order")

    # banned

    def test_banned_refuses_a_call_that_is_banned_everywhere(self):
        self.put("src/cli/a.c", "void f(char *a, const char *b) { strcpy(a, b); }\n")
        self.assert_refused("banned", "src/cli/a.c:1: strcpy is banned everywhere")

    def test_banned_refuses_the_allocator_outside_its_file(self):
        self.put("src/base/memory.c", "void *p(void) { return malloc(1); }\n")
        self.assert_passes("banned")
        self.put("src/site/a.c", "void f(void *p) { free(p); }\n")
        self.assert_refused("banned", "src/site/a.c:1: free is called in src/base/memory.c only")

    def test_banned_refuses_files_clock_and_chance_on_pure_floors(self):
        self.put("src/cli/a.c", '#include <unistd.h>\nvoid f(void) { printf("x"); fopen("a", "b"); }\n')
        self.assert_passes("banned")
        for call in ("fopen(a, b)", "time(0)", "getenv(a)", "rand()", "exit(1)", "abort()", "printf(a)", "read(0, a, 1)"):
            self.put("src/sim/a.c", f"void f(char *a, char *b) {{ {call}; }}\n")
            self.assert_refused("banned", f"src/sim/a.c:1: {call.split('(')[0]} is not for the pure floors")
        self.put("src/sim/a.c", "#include <time.h>\n")
        self.assert_refused("banned", "time.h is not for the pure floors")

    def test_banned_passes_over_comments_strings_and_members(self):
        self.put("src/sim/a.c", '/* exit(1) */ // time(0)\nvoid f(T *t) { t->open(t); t->x.read(t); g("abort()"); }\n')
        self.assert_passes("banned")

    def test_exceptions_need_a_use_and_a_reason(self):
        self.put("src/sim/a.c", "void f(void) { abort(); }\n")
        self.except_for("banned", "src/sim/a.c:abort")
        self.assert_passes("banned")
        self.put("src/sim/a.c", "void f(void) { }\n")
        self.assert_refused("banned", "'src/sim/a.c:abort' needs no exception")
        self.put("src/sim/a.c", "void f(void) { abort(); }\n")
        self.put("docs/reference/exceptions.md", ROW + "| banned | `src/sim/a.c:abort` | |\n")
        self.assert_refused("banned", "lacks a reason")

    # schema

    WORDS = """#define PCT_DATA_CLASSES(X) X(STAFF, "staff")

#define PCT_PURPOSES(X) X(DUTY, "duty")

#define PCT_PERIODS(X) X(ROW, "row", 0, "while it exists")

"""
    TABLE = """static const pct_column hat_columns[] = {C("size", "INTEGER", %s, DUTY, ROW, "its size"), END};
const pct_table_schema pct_schema_access[] = {{"hat", "size", "Hats.", hat_columns, NULL, "STRICT", NULL}, {0}};
"""

    def put_table(self, kind="STAFF", more=""):
        self.put("src/store/schema.h", self.WORDS)
        self.put("src/access/schema.c", self.TABLE % kind + more)
        subprocess.run([sys.executable, "-B", os.path.join(TOOLS, "check_schema.py"), self.root, "--write"], capture_output=True, check=False)

    def test_schema_refuses_a_column_of_no_class_and_a_page_that_is_old(self):
        os.makedirs(os.path.join(self.root, "docs/reference"))
        self.put_table()
        self.assert_passes("schema")
        self.put_table("SECRET")
        self.assert_refused("schema", "src/access/schema.c:1", "a class was expected, one of STAFF; 'SECRET' was found")
        self.put_table()
        self.put("docs/reference/schema.md", "# Schema")
        self.assert_refused("schema", "run tools/check_schema.py --write")

    def test_schema_refuses_a_table_that_is_made_past_the_description(self):
        os.makedirs(os.path.join(self.root, "docs/reference"))
        self.put_table(more='static const char sql[] = "ALTER TABLE hat ADD COLUMN size INTEGER";\n')
        self.assert_passes("schema")
        self.put_table(more='static const char sql[] = "ALTER TABLE hat ADD COLUMN owner TEXT";\n')
        self.assert_refused("schema", "src/access/schema.c:3", "that no description has")
        self.put_table(more='static const char sql[] = "CREATE TABLE coat (owner TEXT)";\n')
        self.assert_refused("schema", "src/access/schema.c:3", "that no description has")

    # size

    def test_size_refuses_a_function_that_is_too_long(self):
        self.put("src/base/a.c", "int f(int x) {\n" + "    x++;\n" * 70 + "    return x;\n}\n")
        self.assert_passes("size")
        self.put("src/base/a.c", "int f(int x) {\n" + "    x++;\n" * 90 + "    return x;\n}\n")
        self.assert_refused("size", "src/base/a.c:1: f has 93 lines, 80 are the limit")
        self.except_for("size", "src/base/a.c:f")
        self.assert_passes("size")

    def test_size_refuses_a_function_that_branches_too_much(self):
        self.put("src/base/a.c", "int f(int x) {\n" + "    if (x) x++;\n" * 26 + "    return x;\n}\n")
        self.assert_refused("size", "f has complexity 27, 25 is the limit")

    def test_size_refuses_a_file_that_is_too_long(self):
        self.put("tests/unit/test_a.c", "\n" * 901)
        self.assert_refused("size", "tests/unit/test_a.c: the file has 901 lines")

    # catalogue

    def put_message(self, **changes):
        entry = {"params": '["file"]', "en": '"{file}: bad"', "zh": '"{file}：不对"'}
        entry.update(changes)
        fields = ", ".join(f'"{key}": {value}' for key, value in entry.items() if value)
        none = '"none": {"params": [], "en": "none", "zh": "无"}'
        self.put("catalogue/base.json", "{" + none + ', "bad_file": {' + fields + "}}")

    def test_catalogue_refuses_a_missing_translation(self):
        self.put("src/base/a.c", "int f(void) { return PCT_MSG_BAD_FILE; }\n")
        self.put_message()
        self.assert_passes("catalogue")
        self.put_message(zh=None)
        self.assert_refused("catalogue", "catalogue/base.json: bad_file: the 'zh' translation is missing")
        self.put_message(zh='"不对"')
        self.assert_refused("catalogue", "en and zh use different parameters")
        self.put_message(en='"{path}"', zh='"{path}"')
        self.assert_refused("catalogue", "{path}, which is not in params")

    def test_catalogue_refuses_messages_unused_or_unknown(self):
        self.put("src/base/a.c", "/* PCT_MSG_BAD_FILE */\n")
        self.put_message()
        self.assert_refused("catalogue", "'bad_file' is used nowhere")
        self.put("src/base/a.c", "int f(void) { return PCT_MSG_BAD_FILE + PCT_MSG_WORSE; }\n")
        self.assert_refused("catalogue", "src/base/a.c:1: no catalogue has 'worse'")

    def test_catalogue_refuses_prose_that_is_passed_as_text(self):
        self.put_message()
        use = "int f(void) { return PCT_FAIL(e, S, PCT_MSG_BAD_FILE, %s); }\n"
        for text in ('pct_str("lon,lat")', 'pct_str("en|zh"), g("two words")', 'pct_str(name), pct_phrase(PCT_MSG_BAD_FILE)',
                     '/* pct_str("two words") */ pct_str("a_b")', 'pct_str(")"), g("two words")'):
            self.put("src/base/a.c", use % text)
            self.assert_passes("catalogue")
        for text in ('pct_str("two words")', 'pct_str(x ? "id" : "two words")', 'pct_str("two "\n "words")',
                     'pct_str(f("\\")", 1) ? "two words" : "b")'):
            self.put("src/base/a.c", "\n" + use % text)
            self.assert_refused("catalogue", "src/base/a.c:2: 'two words' is prose", "pct_phrase")

    # definitions

    def test_definitions_refuse_a_setting_that_nobody_reads(self):
        self.put("src/sim/a.c", 'int f(void) { return g("turnout_s"); }\n')
        self.put("definitions/times.json", '{"turnout_s": 60}')
        self.assert_passes("definitions")
        self.put("definitions/times.json", '{"turnout_s": 60, "colour": 1}')
        self.assert_refused("definitions", "definitions/times.json: nothing in src/ reads 'colour'")
        self.put("definitions/times.json", '{"turnout_s": 60')
        self.assert_refused("definitions", "definitions/times.json: cannot be read")
        self.put("definitions/times.json", "{}")
        self.put("definitions/kinds.csv", "turnout_s,shape\n1,2\n")
        self.assert_refused("definitions", "definitions/kinds.csv: nothing in src/ reads 'shape'")

    # docs

    def test_docs_refuse_links_that_lead_nowhere(self):
        self.put("docs/scope.md", "[up](../README.md#top) [out](https://example.org)\n```\n[x](y)\n```\n")
        self.put("README.md", "[scope](docs/scope.md)\n")
        self.assert_passes("docs")
        self.put("README.md", "\n[scope](docs/scop.md)\n")
        self.assert_refused("docs", "README.md:2: the link to docs/scop.md leads nowhere")

    def test_docs_refuse_commands_that_do_not_exist(self):
        self.put("Makefile", "GEN := build\nrun: build\n\t@x\nbuild test:\n")
        self.put("src/cli/cmd_route.c", 'x = {"route"};\n')
        self.put("README.md", "```sh\nCONFIG=asan make run && build/release/precinct route x --from 1,2   # go\n```\n")
        self.assert_passes("docs")
        for line, says in (("make runn", "make has no target 'runn'"), ("precinct rout x", "no command 'rout'"),
                           ("tools/nothing", "there is no tools/nothing"), ("wget x", "'wget' is neither ours")):
            self.put("README.md", f"text\n```sh\nmake run\n{line}\n```\n")
            self.assert_refused("docs", "README.md:4", says)

    def test_docs_refuse_packages_without_a_reason(self):
        self.put("tools/packages.txt", "# build\ngcc\n")
        self.put("docs/reference/dependencies.md", "| `gcc` | compiles | it is there |\n")
        self.assert_passes("docs")
        self.put("tools/packages.txt", "gcc\nmake\n")
        self.assert_refused("docs", "package make of tools/packages.txt has no row")
        self.put("tools/packages.txt", "\n")
        self.assert_refused("docs", "gcc is not in tools/packages.txt")
        self.put("tools/packages.txt", "gcc\n")
        self.put("docs/reference/dependencies.md", "| `gcc` | compiles | |\n")
        self.assert_refused("docs", "the row of gcc lacks its purpose or reason")

    # limits

    def test_limits_hold_the_page_to_the_tests(self):
        rows = [f"| L{n} | {'**now**' if n == 2 else 'later'} | something |" for n in range(1, 23)]
        later = "".join(f"def test_l{n:02d}_there_is_nothing_yet(self):\n    pass\n" for n in range(1, 23) if n != 2)
        self.put("docs/scope.md", "\n".join(rows) + "\n")
        self.put("tests/limits/test_not_yet.py", later)
        self.put("tests/limits/test_l02_earlier_calls.py", "pass\n")
        self.assert_passes("limits")
        self.put("tests/limits/test_l05_search.py", "pass\n")
        self.assert_refused("limits", "docs/scope.md:5", "L5 says 'later'")
        os.remove(os.path.join(self.root, "tests/limits/test_l05_search.py"))
        os.remove(os.path.join(self.root, "tests/limits/test_l02_earlier_calls.py"))
        self.assert_refused("limits", "L2 says '**now**': 'now' and a test tests/limits/test_l02_")
        self.put("tests/limits/test_l02_earlier_calls.py", "pass\n")
        self.put("tests/limits/test_not_yet.py", later.replace("test_l07_", "test_x07_"))
        self.assert_refused("limits", "L7 has no test")
        self.put("tests/limits/test_not_yet.py", later)
        self.put("docs/scope.md", "\n".join(rows[:-1]) + "\n")
        self.assert_refused("limits", "there is no row for L22")

    def test_limits_refuse_what_precinct_may_not_be(self):
        self.put("src/base/a.c", "int template_number, interface_id, replated; /* assembled */\n")
        self.put("definitions/types.csv", "code,zh\ncrowd_safety,人群安全\n")
        self.assert_passes("limits")
        for path, text in (("src/place/a.c", "int plate_number;"), ("src/place/a.c", "int numberPlate;"),
                           ("events/a.json", '{"watch_list": 1}'), ("definitions/t.json", '{"zh": "信访"}'),
                           ("src/goods/a.h", "void pct_face_match(void);"), ("catalogue/a.json", '{"zh": "重点人员"}'),
                           ("src/store/a.sql", "CREATE TABLE person_score (x);"), ("src/cordon/a.c", "int assembly;"),
                           ("definitions/c.csv", "code\nblacklist\n")):
            self.put(path, text)
            self.assert_refused("limits", f"{path}:", "is beyond what Precinct may do")
            os.remove(os.path.join(self.root, path))

    # tests

    def test_tests_refuse_cases_that_never_run_or_assert_nothing(self):
        self.put("tests/unit/test_map.c", TEST_FILE)
        self.assert_passes("tests")
        self.put("tests/unit/test_map.c", TEST_FILE.replace("TEST_CASE(map_keeps_its_keys)", ""))
        self.assert_refused("tests", "map_keeps_its_keys is not in TEST_MAIN")
        self.put("tests/unit/test_map.c", TEST_FILE.replace("holds(1)", "(void)1"))
        self.assert_refused("tests", "map_keeps_its_keys asserts nothing")
        self.put("tests/unit/test_map.c", TEST_FILE.replace("map_keeps_its_keys", "map1"))
        self.assert_refused("tests", "map1 does not say function and behaviour")

    def test_tests_refuse_command_line_tests_that_assert_nothing(self):
        cases = "class A(T):\n    def test_it_works_well(self):\n        self.%s()\n"
        self.put("tests/cli/support.py", "class T:\n    def ok(self):\n        self.assertEqual(1, 1)\n")
        self.put("tests/cli/test_a.py", cases % "ok")
        self.assert_passes("tests")
        self.put("tests/cli/test_a.py", cases % "run_it")
        self.assert_refused("tests", "tests/cli/test_a.py: test_it_works_well asserts nothing")

    def test_tests_refuse_files_that_the_runner_does_not_find(self):
        self.put("tests/unit/map_test.c", TEST_FILE)
        self.assert_refused("tests", "tests/unit/map_test.c: tools/run-tests does not run it")

    # coverage

    def coverage_of(self, module, covered):
        self.put("summary.json", '{"files": [{"filename": "src/%s/a.c", "branch_covered": %d, "branch_total": 100}]}'
                 % (module, covered))
        run = subprocess.run([sys.executable, "-B", os.path.join(TOOLS, "check_coverage.py"),
                              os.path.join(self.root, "summary.json"), "85"], capture_output=True, text=True, check=False)
        return run.returncode, run.stdout

    def test_coverage_refuses_a_pure_module_below_the_limit(self):
        self.assertEqual(self.coverage_of("road", 85)[0], 0)
        self.assertEqual(self.coverage_of("cli", 10)[0], 0)
        code, said = self.coverage_of("road", 84)
        self.assertEqual(code, 1)
        self.assertIn("below 85 %: road", said)


if __name__ == "__main__":
    unittest.main()
