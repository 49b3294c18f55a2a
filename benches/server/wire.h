/* Bytes in and out of one connection, plain or TLS. `get` and `put` return -1 with errno EAGAIN where nothing
 * can be done yet, `get` 0 at the end. */
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#else
typedef void SSL;
#endif

typedef struct {
    int fd;
    SSL *ssl; /* NULL: plain */
} wire_t;

#ifdef WITH_TLS
static SSL_CTX *tls_context;

static ssize_t told(SSL *ssl, int result)
{
    int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, result);
    if (error == SSL_ERROR_NONE || error == SSL_ERROR_ZERO_RETURN)
        return result > 0 ? result : 0;
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
}

/* The queue of errors belongs to the thread: what one connection left there must not end another. */
static ssize_t get(wire_t *w, char *into, size_t room)
{
    ERR_clear_error();
    return w->ssl ? told(w->ssl, SSL_read(w->ssl, into, room)) : recv(w->fd, into, room, MSG_DONTWAIT);
}

static ssize_t put(wire_t *w, const char *text, size_t size)
{
    ERR_clear_error();
    return w->ssl ? told(w->ssl, SSL_write(w->ssl, text, size))
                  : send(w->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void pick_up(wire_t *w, int fd, int tls)
{
    w->fd = fd;
    if (!tls)
        return;
    w->ssl = SSL_new(tls_context);
    SSL_set_fd(w->ssl, fd);
    SSL_set_accept_state(w->ssl);
}

static void hang_up(wire_t *w)
{
    if (w->ssl)
        SSL_free(w->ssl);
    close(w->fd);
}

static void open_tls(const char *certificate, const char *key)
{
    tls_context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(tls_context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls_context, key, SSL_FILETYPE_PEM) != 1) {
        fprintf(stderr, "bench server: cannot read %s or %s\n", certificate, key);
        exit(1);
    }
}
#else
static ssize_t get(wire_t *w, char *into, size_t room) { return recv(w->fd, into, room, MSG_DONTWAIT); }
static ssize_t put(wire_t *w, const char *text, size_t size)
{
    return send(w->fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}
static void pick_up(wire_t *w, int fd, int tls)
{
    (void)tls;
    w->fd = fd;
}

static void hang_up(wire_t *w) { close(w->fd); }

static void open_tls(const char *certificate, const char *key)
{
    fprintf(stderr, "bench server: built without TLS, %s and %s are of no use\n", certificate, key);
    exit(1);
}
#endif
