#include "cli/paper_page.h"

#include "base/message.h"
#include "desk/cards.h"

/* Two cards of 148 x 105 mm would be too small to write on: a card is an A5 lying on its side, an A4 holds two. Only lines and
 * letters: nothing is lost on the poorest printer. Each label stands in both languages, for one box of cards serves all. */
static const char style_head[] =
    "<!doctype html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><title>Precinct</title><style>\n";
static const char style[] =
    "*{box-sizing:border-box}body{margin:0;font:10pt/1.25 \"Noto Sans CJK SC\",\"Microsoft "
    "YaHei\",\"SimHei\",sans-serif;"
    "color:#000}\n"
    ".card{width:210mm;height:148mm;padding:8mm 10mm 7mm;display:grid;grid-template-rows:auto auto auto auto "
    "auto 1fr auto "
    "auto;gap:1.6mm;page-break-after:always;break-after:page;overflow:hidden}\n"
    ".two .card{height:148.4mm}.two "
    ".card:nth-child(odd){page-break-after:avoid;break-after:avoid;border-bottom:.2mm dashed "
    "#000}\n"
    ".head{display:flex;justify-content:space-between;align-items:baseline;border-bottom:.7mm solid #000}\n"
    ".head b{font-size:15pt}.head span{font-size:10pt}.head .number{font:bold 21pt/1.1 \"DejaVu Sans "
    "Mono\",monospace}\n"
    ".row{display:grid;gap:2mm}.f{border:.25mm solid #000;min-height:12.4mm;padding:.6mm 1.4mm}\n"
    ".f small,.opts small{display:block;font-size:7.4pt}.f.tall{height:100%}.opts{border:.25mm solid "
    "#000;padding:.6mm 1.4mm "
    "1mm}\n"
    ".opts span{display:inline-block;margin:0 3.2mm 0 0;white-space:nowrap}.opts "
    "i{display:inline-block;width:3.4mm;"
    "height:3.4mm;border:.3mm solid #000;margin-right:1mm;vertical-align:-.4mm}\n"
    ".foot{font-size:7.4pt}\n@media screen{body{background:#ccc}.card{background:#fff;margin:4mm auto}}\n"
    "</style></head>\n";

static const char *said(pct_message message, pct_language language) {
    return pct_message_entry_of(message)->sentences[language];
}

/* Labels are our own words: nothing in them needs escaping. */
static void label(pct_buffer *out, pct_message message) {
    (void)pct_buffer_append_format(out, "<small>%s %s</small>", said(message, PCT_ZH), said(message, PCT_EN));
}

static void field(pct_buffer *out, pct_message message, const char *class) {
    (void)pct_buffer_append_format(out, "<div class=\"f%s\">", class);
    label(out, message);
    (void)pct_buffer_append_text(out, "</div>");
}

static void fields(pct_buffer *out, const char *columns, const pct_message *messages, size_t count) {
    (void)pct_buffer_append_format(out, "<div class=\"row\" style=\"grid-template-columns:%s\">", columns);
    for (size_t i = 0; i < count; i++) field(out, messages[i], "");
    (void)pct_buffer_append_text(out, "</div>\n");
}

static void choices(pct_buffer *out, pct_message title, const pct_message *messages, size_t count) {
    (void)pct_buffer_append_text(out, "<div class=\"opts\">");
    label(out, title);
    for (size_t i = 0; i < count; i++)
        (void)pct_buffer_append_format(out, "<span><i></i>%s %s</span>", said(messages[i], PCT_ZH),
                                       said(messages[i], PCT_EN));
    (void)pct_buffer_append_text(out, "</div>\n");
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void card(pct_buffer *out, int64_t number) {
    static const pct_message times[] = {PCT_MSG_PAPER_DAY, PCT_MSG_PAPER_TIME, PCT_MSG_PAPER_TAKER};
    static const pct_message callers[] = {PCT_MSG_PAPER_PHONE, PCT_MSG_PAPER_CALLER};
    static const pct_message places[] = {PCT_MSG_PAPER_TYPE, PCT_MSG_PAPER_PLACE};
    static const pct_message ways[] = {PCT_MSG_PAPER_BY_PHONE, PCT_MSG_PAPER_WALK_IN, PCT_MSG_PAPER_ALARM,
                                       PCT_MSG_PAPER_PATROL, PCT_MSG_PAPER_OTHER};
    static const pct_message urgencies[] = {PCT_MSG_PAPER_P1, PCT_MSG_PAPER_P2, PCT_MSG_PAPER_P3,
                                            PCT_MSG_PAPER_P4};
    static const pct_message sent[] = {PCT_MSG_PAPER_UNIT, PCT_MSG_PAPER_SENT, PCT_MSG_PAPER_ARRIVED,
                                       PCT_MSG_PAPER_DONE};
    char text[PCT_CARD_TEXT];
    pct_card_write(number, text);
    (void)pct_buffer_append_format(out,
                                   "<section class=\"card\"><div class=\"head\"><b>%s</b> <span>%s</span> "
                                   "<span class=\"number\">%s</span></div>\n",
                                   said(PCT_MSG_PAPER_TITLE, PCT_ZH), said(PCT_MSG_PAPER_TITLE, PCT_EN),
                                   text);
    fields(out, "1fr 1fr 1fr", times, COUNT(times));
    fields(out, "1fr 1fr", callers, COUNT(callers));
    fields(out, "1fr 2fr", places, COUNT(places));
    (void)pct_buffer_append_text(out, "<div class=\"row\" style=\"grid-template-columns:1fr 1fr\">");
    choices(out, PCT_MSG_PAPER_WAY, ways, COUNT(ways));
    choices(out, PCT_MSG_PAPER_PRIORITY, urgencies, COUNT(urgencies));
    (void)pct_buffer_append_text(out, "</div>\n");
    field(out, PCT_MSG_PAPER_WORDS, " tall");
    fields(out, "1.6fr 1fr 1fr 1fr", sent, COUNT(sent));
    (void)pct_buffer_append_format(out, "<div class=\"foot\">%s %s</div></section>\n",
                                   said(PCT_MSG_PAPER_FOOT, PCT_ZH), said(PCT_MSG_PAPER_FOOT, PCT_EN));
}

void pct_paper_write(int64_t first, int64_t count, bool on_a4, pct_buffer *out) {
    (void)pct_buffer_append_text(out, style_head);
    (void)pct_buffer_append_format(out, "@page{size:%s;margin:0}\n", on_a4 ? "A4" : "A5 landscape");
    (void)pct_buffer_append_text(out, style);
    (void)pct_buffer_append_format(out, "<body%s>\n", on_a4 ? " class=\"two\"" : "");
    for (int64_t n = first; n < first + count; n++) card(out, n);
    (void)pct_buffer_append_text(out, "</body></html>\n");
}
