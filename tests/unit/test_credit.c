#include <string.h>

#include "site/site.h"
#include "support/test.h"

static void says(pct_map_source source, const char *own, pct_language language, const char *plain,
                 const char *html) {
    pct_site site = {.map_source = source};
    pct_buffer out = pct_buffer_init(4096);
    (void)strncpy(site.map_credit, own, sizeof site.map_credit - 1);
    pct_site_write_credit(&site, language, &out);
    ck_assert_str_eq(pct_buffer_chars(&out), plain);
    pct_buffer_clear(&out);
    pct_site_write_credit_html(&site, language, &out);
    ck_assert_str_eq(pct_buffer_chars(&out), html);
    pct_buffer_dispose(&out);
}

TEST(openstreetmap_is_named_with_its_link_where_the_map_is_theirs_only) {
    static const char linked[] = "<a href=\"https://www.openstreetmap.org/copyright\" target=\"_blank\" "
                                 "rel=\"noopener\">© OpenStreetMap contributors</a>";
    says(PCT_MAP_OPENSTREETMAP, "", PCT_EN, "© OpenStreetMap contributors", linked);
    says(PCT_MAP_OPENSTREETMAP, "somebody", PCT_ZH, "© OpenStreetMap contributors", linked);
    says(PCT_MAP_TOWN, "somebody", PCT_EN, "Generated town", "Generated town");
    says(PCT_MAP_TOWN, "", PCT_ZH, "虚构城镇", "虚构城镇");
    says(PCT_MAP_OWN, "", PCT_ZH, "", "");
    says(PCT_MAP_OWN, "© 市\"<b>&", PCT_EN, "© 市\"<b>&", "© 市&quot;&lt;b&gt;&amp;");
}

TEST(a_source_is_found_by_its_name) {
    for (int i = 0; i < PCT_MAP_SOURCE_COUNT; i++) {
        pct_map_source found = PCT_MAP_SOURCE_COUNT;
        ck_assert(pct_map_source_named(pct_text_of(pct_map_source_name((pct_map_source)i)), &found));
        ck_assert_int_eq((int)found, i);
        ck_assert(!pct_map_source_named(pct_text_of("Own"), &found));
    }
}

TEST_MAIN("credit", TEST_CASE(openstreetmap_is_named_with_its_link_where_the_map_is_theirs_only),
          TEST_CASE(a_source_is_found_by_its_name))
