/* Street names: two characters of good omen, a tail that tells the grade, and, when stems run out, a direction and
 * a number. Stems are walked in a seeded order without repetition, so that names rarely repeat in one town. */
#include <stdio.h>
#include <string.h>

#include "town/plan.h"

typedef struct syllable {
    const char *zh, *en;
} syllable;

static const syllable first[] = {
    {"安", "An"},    {"宝", "Bao"},  {"长", "Chang"}, {"春", "Chun"},  {"德", "De"},    {"东", "Dong"},
    {"富", "Fu"},    {"福", "Fu"},   {"光", "Guang"}, {"广", "Guang"}, {"和", "He"},    {"红", "Hong"},
    {"华", "Hua"},   {"惠", "Hui"},  {"吉", "Ji"},    {"嘉", "Jia"},   {"建", "Jian"},  {"金", "Jin"},
    {"锦", "Jin"},   {"景", "Jing"}, {"开", "Kai"},   {"康", "Kang"},  {"乐", "Le"},    {"利", "Li"},
    {"丽", "Li"},    {"龙", "Long"}, {"明", "Ming"},  {"宁", "Ning"},  {"平", "Ping"},  {"庆", "Qing"},
    {"荣", "Rong"},  {"瑞", "Rui"},  {"三", "San"},   {"尚", "Shang"}, {"盛", "Sheng"}, {"顺", "Shun"},
    {"泰", "Tai"},   {"天", "Tian"}, {"同", "Tong"},  {"万", "Wan"},   {"文", "Wen"},   {"五", "Wu"},
    {"祥", "Xiang"}, {"新", "Xin"},  {"兴", "Xing"},  {"秀", "Xiu"},   {"永", "Yong"},  {"裕", "Yu"},
    {"玉", "Yu"},    {"育", "Yu"},   {"云", "Yun"},   {"正", "Zheng"}, {"中", "Zhong"}, {"紫", "Zi"}};
static const syllable second[] = {
    {"安", "an"},    {"昌", "chang"}, {"城", "cheng"}, {"达", "da"},   {"德", "de"},   {"丰", "feng"},
    {"福", "fu"},    {"港", "gang"},  {"贵", "gui"},   {"海", "hai"},  {"和", "he"},   {"河", "he"},
    {"湖", "hu"},    {"华", "hua"},   {"江", "jiang"}, {"康", "kang"}, {"乐", "le"},   {"林", "lin"},
    {"陵", "ling"},  {"隆", "long"},  {"茂", "mao"},   {"民", "min"},  {"明", "ming"}, {"宁", "ning"},
    {"平", "ping"},  {"泉", "quan"},  {"仁", "ren"},   {"荣", "rong"}, {"善", "shan"}, {"盛", "sheng"},
    {"顺", "shun"},  {"泰", "tai"},   {"通", "tong"},  {"望", "wang"}, {"文", "wen"},  {"湾", "wan"},
    {"祥", "xiang"}, {"新", "xin"},   {"信", "xin"},   {"兴", "xing"}, {"阳", "yang"}, {"源", "yuan"},
    {"园", "yuan"},  {"苑", "yuan"},  {"月", "yue"},   {"悦", "yue"},  {"泽", "ze"},   {"竹", "zhu"}};

static const syllable directions[] = {
    {"", ""}, {"东", " East"}, {"西", " West"}, {"南", " South"}, {"北", " North"}};
static const syllable numerals[] = {{"", ""},       {"一", " 1st"}, {"二", " 2nd"}, {"三", " 3rd"},
                                    {"四", " 4th"}, {"五", " 5th"}, {"六", " 6th"}, {"七", " 7th"},
                                    {"八", " 8th"}, {"九", " 9th"}, {"十", " 10th"}};
static const syllable tails[3][4] = {
    {{"大道", " Avenue"}, {"路", " Road"}, {"路", " Road"}, {"大街", " Main Street"}},
    {{"路", " Road"}, {"街", " Street"}, {"街", " Street"}, {"路", " Road"}},
    {{"巷", " Lane"}, {"里", " Alley"}, {"弄", " Lane"}, {"巷", " Lane"}},
};

enum {
    FIRSTS = sizeof first / sizeof *first,
    SECONDS = sizeof second / sizeof *second,
    STEMS = FIRSTS * SECONDS,
    STEP = 1009, /* a prime that divides neither length: stepping meets every stem once */
    NAME_BYTES_MAX = 96
};

pct_status pct_town_name_add(pct_town *town, const char *zh, const char *en, uint32_t *out,
                             pct_error *error) {
    pct_town_name *name = pct_vector_push(&town->names);
    if (!name) return pct_vector_failed(&town->names, PCT_MSG_WHAT_NAMES, error);
    name->zh = pct_arena_text(&town->text, zh, strlen(zh));
    name->en = pct_arena_text(&town->text, en, strlen(en));
    if (!name->zh || !name->en) return pct_error_memory(error, strlen(zh) + strlen(en));
    *out = (uint32_t)town->names.length - 1;
    return PCT_OK;
}

pct_town_name pct_town_name_of(const pct_town *town, uint32_t name) {
    return ((const pct_town_name *)town->names.items)[name];
}

/* The stem of the count-th name of a grade. */
static void stem_of(const pct_town *town, int grade, uint32_t count, syllable *a, syllable *b) {
    uint32_t start = (uint32_t)(pct_town_noise(town, 10, (uint32_t)grade, 0) * STEMS);
    uint32_t stem = (uint32_t)((start + (uint64_t)count * STEP) % STEMS);
    *a = first[stem % FIRSTS];
    *b = second[stem / FIRSTS];
}

pct_status pct_town_name_street(pct_town *town, int grade, uint32_t *out, pct_error *error) {
    char zh[NAME_BYTES_MAX], en[NAME_BYTES_MAX];
    uint32_t count = town->name_counts[grade]++, round = count / STEMS;
    syllable a, b, tail = tails[grade][(uint32_t)(4.0 * pct_town_noise(town, 11, (uint32_t)grade, count))];
    stem_of(town, grade, count, &a, &b);
    syllable direction = directions[round % 5], numeral = numerals[round / 5 % 11];
    snprintf(zh, sizeof zh, "%s%s%s%s%s", a.zh, b.zh, direction.zh, numeral.zh, tail.zh);
    snprintf(en, sizeof en, "%s%s%s%s%s", a.en, b.en, direction.en, numeral.en, tail.en);
    return pct_town_name_add(town, zh, en, out, error);
}

pct_town_title pct_town_title_of(uint64_t seed, uint32_t count, const char *zh_tail, const char *en_tail) {
    pct_town_title title;
    uint32_t stem = (uint32_t)((seed % STEMS + (uint64_t)count * STEP) % STEMS);
    syllable a = first[stem % FIRSTS], b = second[stem / FIRSTS], direction = directions[count / STEMS % 5];
    snprintf(title.zh, sizeof title.zh, "%s%s%s%s", a.zh, b.zh, direction.zh, zh_tail);
    snprintf(title.en, sizeof title.en, "%s%s%s%s", a.en, b.en, direction.en, en_tail);
    return title;
}

pct_status pct_town_name_stem(pct_town *town, const char *zh_tail, const char *en_tail, uint32_t *out,
                              pct_error *error) {
    char zh[NAME_BYTES_MAX], en[NAME_BYTES_MAX];
    syllable a, b;
    stem_of(town, 3, (uint32_t)town->names.length, &a, &b);
    snprintf(zh, sizeof zh, "%s%s%s", a.zh, b.zh, zh_tail);
    snprintf(en, sizeof en, "%s%s%s", a.en, b.en, en_tail);
    return pct_town_name_add(town, zh, en, out, error);
}
