/* Pieces of a web page. */
#include "report/html.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/os.h"

static const char STYLE[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem}"
    "h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}"
    "p.note{opacity:.75;margin:.25rem 0 1rem}"
    "p.warning{border-left:4px solid #d70;padding-left:.75rem}"
    "pre{background:#8881;border:1px solid #8884;border-radius:6px;padding:.75rem;overflow-x:auto;font-size:.85rem}"
    "table{border-collapse:collapse}"
    "table.facts td{padding:.15rem 1rem .15rem 0;vertical-align:top;overflow-wrap:anywhere}"
    "table.facts td:first-child{opacity:.75;white-space:nowrap}"
    "table.figures{font-variant-numeric:tabular-nums}"
    "table.figures td,table.figures th{padding:.2rem .75rem;text-align:right;border-bottom:1px solid #8884}"
    "table.figures td:first-child,table.figures th:first-child{text-align:left;overflow-wrap:anywhere}"
    "div.scroll{overflow-x:auto}"
    "figure{margin:0 0 1.5rem}"
    "div.row{display:flex;gap:.5rem}"
    "div.row>div{flex:1 1 0;min-width:0;max-width:24rem;font-size:.85rem;text-align:center}"
    "div.row img{display:block;width:100%;height:auto;border-radius:4px}"
    "figcaption{font-size:.85rem;opacity:.75;overflow-wrap:anywhere}"
    "svg{width:100%;height:auto;font:12px system-ui,sans-serif}";

void px_html_begin(px_text *page, const char *title, int refresh_seconds)
{
    px_text_add(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    if (refresh_seconds > 0)
        px_text_add(page, "<meta http-equiv=\"refresh\" content=\"%d\">\n", refresh_seconds);
    px_text_add(page, "<title>");
    px_html_text(page, title);
    px_text_add(page, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", STYLE);
    px_html_text(page, title);
    px_text_add(page, "</h1>\n");
}

void px_html_end(px_text *page)
{
    px_text_add(page, "</body>\n</html>\n");
}

/* Length of the UTF-8 character at `s`, 0 when it is not one (RFC 3629). */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool outside = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return overlong || outside ? 0 : length;
}

void px_html_text(px_text *page, const char *text)
{
    static const char SPECIAL[] = "&<>\"'";
    static const char *const NAMES[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        const char *special = strchr(SPECIAL, *s);
        size_t length = utf8_length(s);
        bool control = (*s < 0x20 && *s != '\n' && *s != '\t') || *s == 0x7f;
        if (special)
            px_text_add(page, "%s", NAMES[special - SPECIAL]);
        else if (length == 0 || control)
            px_text_add(page, "\xef\xbf\xbd");
        else
            px_text_add_bytes(page, (const char *)s, length);
        s += length ? length : 1;
    }
}

static void add_base64(px_text *page, const uint8_t *bytes, size_t size)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        size_t count = size - i < 3 ? size - i : 3;
        uint32_t word = (uint32_t)bytes[i] << 16;
        word |= count > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        word |= count > 2 ? bytes[i + 2] : 0;
        char digits[4];
        for (size_t d = 0; d < 4; d++)
            digits[d] = d <= count ? DIGITS[word >> (18 - 6 * d) & 63] : '=';
        px_text_add_bytes(page, digits, 4);
    }
}

/* A path as a relative URL: everything but plain characters as %XX, so that '#', '?', '%' and ':' in names do no
 * harm. */
static void add_url(px_text *page, const char *path)
{
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    for (const char *c = path; *c; c++)
        px_text_add(page, strchr(PLAIN, *c) ? "%c" : "%%%02X", (unsigned char)*c);
}

pixcl_status px_html_picture(px_text *page, const char *folder, const char *path, const char *alternative, bool embed,
                             pixcl_error *err)
{
    px_text_add(page, "<img loading=\"lazy\" alt=\"");
    px_html_text(page, alternative);
    px_text_add(page, "\" src=\"");
    if (embed) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        pixcl_status status = px_file_read(path, &bytes, &size, err);
        if (status != PIXCL_OK)
            return status;
        bool png = strcasecmp(px_path_extension(path), ".png") == 0;
        px_text_add(page, "data:image/%s;base64,", png ? "png" : "jpeg");
        add_base64(page, bytes, size);
        px_free(bytes);
    } else {
        size_t length = strlen(folder);
        bool below = length > 0 && strncmp(path, folder, length) == 0;
        const char *relative = below ? path + length : path;
        while (below && px_os_separates(*relative))
            relative++;
        add_url(page, relative);
    }
    px_text_add(page, "\">");
    return PIXCL_OK;
}
