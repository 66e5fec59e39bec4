# Longwave behind Varnish: varnishd -a 127.0.0.1:8081 -f varnish.vcl

vcl 4.1;

backend longwave {
    .host = "127.0.0.1";
    .port = "8080";
    # Longer than sse.heartbeat-interval, 15 s.
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
}

sub vcl_recv {
    if (req.http.Upgrade ~ "(?i)websocket") {
        return (pipe);
    }
    # Streams: nothing to look up, and no request waits for another one's answer.
    return (pass);
}

sub vcl_pipe {
    if (req.http.Upgrade) {
        set bereq.http.Upgrade = req.http.Upgrade;
        set bereq.http.Connection = req.http.Connection;
    }
}
