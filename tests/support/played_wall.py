"""A process that speaks like a wall to whoever serves it, without Textual: it paints a word and exports a file."""

EXPORT = b'{"at": 1}\n' * 1000
EXPORT_NAME = "smb-events.jsonl"

FAREWELL = 0.2
"""Seconds that it takes to close its connections when it is told to end."""

BROKEN_OFF = "broken-off"
"""An argument: it ends in the middle of its export."""

PLAYED_WALL = f"""
import json, os, sys, time
said, heard, key = sys.stdout.buffer, sys.stdin.buffer, f"key-{{os.getpid()}}"

def say(kind, payload):
    said.write(kind + len(payload).to_bytes(4, "big") + payload)
    said.flush()

def string(text):
    return b"s%d:%s" % (len(text), text.encode())

chunks = [{EXPORT[:5000]!r}, {EXPORT[5000:]!r}, b""]
said.write(b"__GANGLION__\\n")
say(b"D", b"a wall that is played")
say(b"M", json.dumps({{
    "type": "deliver_file_start", "key": key, "path": "/nowhere/{EXPORT_NAME}", "open_method": "download",
    "mime_type": "application/jsonl", "encoding": "", "name": None,
}}).encode())
while len(head := heard.read(5)) == 5:
    payload = heard.read(int.from_bytes(head[1:], "big"))
    word = json.loads(payload)["type"] if head[:1] == b"M" else None
    if word == "quit":
        time.sleep({FAREWELL})
        break
    if word == "deliver_chunk_request":
        if len(chunks) < 3 and sys.argv[1:] == ["{BROKEN_OFF}"]:
            break
        chunk = chunks.pop(0)
        say(b"P", b"t" + string("deliver_chunk") + string(key) + b"%d:%s" % (len(chunk), chunk) + b"e")
"""
