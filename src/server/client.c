/* Who is at the other end, for the limits of signing in: the peer, or, behind the proxy that --origin speaks of, whom the proxy names last
 * in X-Forwarded-For. What stands before that the client may have written itself. O(bytes of the header). */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "server/internal.h"

enum { LOOPBACK = 127, V6_NETWORK_BYTES = 8 };

/* A proxy may add a line of its own behind the client's. */
static enum MHD_Result take_last(void *context, enum MHD_ValueKind kind, const char *key, size_t key_length,
                                 const char *value, size_t length) {
    static const char name[] = "X-Forwarded-For";
    (void)kind;
    if (key_length == sizeof name - 1 && strncasecmp(key, name, key_length) == 0)
        *(pct_text *)context = (pct_text){value ? value : "", value ? length : 0};
    return MHD_YES;
}

static pct_text forwarded(struct MHD_Connection *connection) {
    pct_text header = {"", 0}, item, last = {"", 0};
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_last, &header);
    while (pct_text_next(&header, ',', &item)) last = pct_text_trim(item);
    return last;
}

/* One household or office has a whole network of version 6. "?" for what is no address. */
static void write_address(pct_text text, char out[PCT_ADDRESS_TEXT]) {
    char plain[INET6_ADDRSTRLEN] = "";
    unsigned char bytes[16];
    if (text.length > 0 && text.length < sizeof plain) memcpy(plain, text.chars, text.length);
    (void)snprintf(out, PCT_ADDRESS_TEXT, "?");
    if (inet_pton(AF_INET, plain, bytes) == 1)
        (void)inet_ntop(AF_INET, bytes, out, PCT_ADDRESS_TEXT);
    else if (inet_pton(AF_INET6, plain, bytes) == 1) {
        memset(bytes + V6_NETWORK_BYTES, 0, sizeof bytes - V6_NETWORK_BYTES);
        (void)inet_ntop(AF_INET6, bytes, out, PCT_ADDRESS_TEXT);
    }
}

void pct_web_client(pct_web_request *r) {
    pct_exchange *x = &r->x;
    const struct in_addr peer = {pct_gate_address(r->gate)};
    bool loopback = (ntohl(peer.s_addr) >> 24) == LOOPBACK,
         proxied = r->server->origin && !r->server->tls && loopback;
    const char *cookie = MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND,
                                                     x->tls ? PCT_BROWSER_TLS : PCT_BROWSER_PLAIN);
    x->browser = pct_text_of(cookie ? cookie : "");
    cookie = MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND,
                                         x->tls ? PCT_OPENID_TLS : PCT_OPENID_PLAIN);
    x->openid = pct_text_of(cookie ? cookie : "");
    x->local = loopback && !proxied;
    if (proxied)
        write_address(forwarded(r->connection), x->address);
    else
        (void)inet_ntop(AF_INET, &peer, x->address, sizeof x->address);
}

uint32_t pct_web_address(const pct_web_request *r) {
    struct in_addr named;
    return r->x.address[0] && inet_pton(AF_INET, r->x.address, &named) == 1 ? named.s_addr
                                                                            : pct_gate_address(r->gate);
}
