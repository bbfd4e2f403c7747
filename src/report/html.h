/* Pieces of a web page: escaped text, pictures, the frame around them. A page needs no script, no server and no other
 * file but, unless they are embedded, its pictures. */
#ifndef PX_REPORT_HTML_H
#define PX_REPORT_HTML_H

#include <stdbool.h>

#include "base/memory.h"

/* Everything up to <body>'s first heading, with the style sheet. `refresh_seconds` above 0 lets a browser reload the
 * page. */
void px_html_begin(px_text *page, const char *title, int refresh_seconds);
void px_html_end(px_text *page);

/* Text with & < > " ' escaped, for content and attributes; control characters and bytes that are not UTF-8 become
 * U+FFFD. */
void px_html_text(px_text *page, const char *text);

/* An <img> of the file at `path`: with `embed` its bytes as a data URI, else `path` taken relative to `folder`, where
 * the page lies (left as it is when it is not below it). PIXCL_ERROR_IO when an embedded file cannot be read. */
pixcl_status px_html_picture(px_text *page, const char *folder, const char *path, const char *alternative, bool embed,
                             pixcl_error *err);

#endif
