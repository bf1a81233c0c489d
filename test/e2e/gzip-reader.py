"""What Python's zlib makes of a compressed feed, as it comes: gzip-reader.py URL [LAST-EVENT-ID]. Ends with 0 only at a clean end."""
import http.client
import sys
import urllib.request
import zlib

headers = {'Accept': 'text/event-stream', 'Accept-Encoding': 'gzip'}
if len(sys.argv) > 2:
    headers['Last-Event-ID'] = sys.argv[2]
response = urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers=headers))
if response.headers['Content-Encoding'] != 'gzip':
    sys.exit('it is not compressed')
# 31: a gzip stream; where its checksum or length is wrong at the end, this raises.
stream = zlib.decompressobj(31)
while True:
    try:
        some = response.read1(65536)
    except http.client.IncompleteRead:
        sys.exit(3)
    if not some:
        break
    sys.stdout.buffer.write(stream.decompress(some))
    sys.stdout.buffer.flush()
sys.exit(None if stream.eof and stream.unused_data == b'' else 'its end is missing')
